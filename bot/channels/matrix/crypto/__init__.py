"""End-to-end encryption: the device, its keys and signatures, and the machine that uses them."""
