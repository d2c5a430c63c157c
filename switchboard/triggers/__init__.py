"""Contains the Functions edges: one blueprint for each group of functions. Only this package imports azure.functions.

A blueprint is built by a function, so that importing its module has no effect and what it calls is an argument. Names
in a handler's annotations must exist at run time, because the worker resolves them.
"""
