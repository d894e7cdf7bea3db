"""The invoice itself, pure: what it says (`invoice`), as UBL (`ubl`), and on paper (`pdf`). No models, no network."""
