"""How it is known that a block was taken away as a mistake, and not lifted.

Source: SVOD 2:3, PDL 4:4; consent/mistake.py. It stands as what ended the fact.
"""

VOIDED = "api-void"
