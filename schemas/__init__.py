"""What crosses a topic, a file or the API: frozen, typed, versioned records.

Every record carries its kind and version in one field, ``record`` ("mention/1").
Unknown fields are dropped, wrong types are refused with the path of the field.
"""
