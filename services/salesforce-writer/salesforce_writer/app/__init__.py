"""The shell: many commands in, few calls of Salesforce, one outcome a command out."""
