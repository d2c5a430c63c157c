"""The Functions edges: one blueprint per group of functions. The only package that imports azure.functions.

Blueprints are built by functions, so that what they call comes as an argument and importing has no effect. Names in a
handler's annotations must exist at run time: the worker resolves them.
"""
