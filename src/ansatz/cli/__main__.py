"""`python -m ansatz.cli` is `ansatz`."""

from ansatz.cli import main

if __name__ == "__main__":
    main()
