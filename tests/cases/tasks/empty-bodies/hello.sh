echo by script
