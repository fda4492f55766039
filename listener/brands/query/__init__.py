"""The query language: what is written, how it is read, and which mentions it holds for.

    sprite AND (can OR bottle*) NOT "lemon sprite"     implicit AND: two terms beside each other must both be there
    "customer service"   words that follow each other; between them only what is no word
    recall NEAR/5 sprite     at most five words between them, in either order; ONEAR/5: in this order
    bott*  b?ttle        any letters, one letter, within a word
    heineken~1           one letter wrong, missing, too much or swapped with its neighbour; ~2: two
    "=Apple"             with these capitals
    #tag  @handle  $TSLA     with the sign only
    author:news*  lang:ro  platform:bluesky  site:reddit.com  hashtag:x  rating:<3  followers:>=1000

NEAR binds closest, then NOT, then AND, then OR. Operators are written in capitals; capitals of words do not matter.
"""
