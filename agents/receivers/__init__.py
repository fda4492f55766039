"""Who is told: one file a kind of receiver, behind one small interface (`receiver.py`)."""
