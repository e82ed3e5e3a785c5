"""How fast is the product, against a floor measured in the same minute?"""
