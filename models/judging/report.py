"""stub to be replaced"""
def report(made):
    return "<!doctype html>"
