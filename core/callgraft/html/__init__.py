"""
Finding numbers in the bytes of a page, and putting others there.

``scan`` says where targets stand, ``Plan`` keeps the page cut into constant pieces and slots, and
``Plan.swap`` joins it again with other numbers. Bytes outside the slots are never touched.
"""
