"""Pages made on the server: the brief of a country, and those behind links of mails."""
