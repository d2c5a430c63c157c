"""What stands in for Azure where chaos, fuzz and bench need it cheap, obedient to faults, and a witness of the truth.

storage    Blob and Queue storage in memory, checked against Azurite by the same SDK calls
service    the Realtime service without media; its ledger knows what each call said and billed
functions  the Functions host over the platform's own worker library, several instances on one storage
faults     faults that are switched on and off while a stand-in runs, and witnesses of what it is asked
control    the same over HTTP
"""
