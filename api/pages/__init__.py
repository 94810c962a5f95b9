"""HTML pages rendered on the server: the brief of a country, and the pages of links in mails."""
