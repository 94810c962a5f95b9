"""What looks like a person is told from a role. All names are invented."""

import pytest

from ewarn.domain.persons import looks_like_a_person, require_role
from ewarn.errors import UsageError

PERSONS = [
    *("Mr Kossi Invented", "Mrs. Invented", "Ms Invented", "M. Invented", "Mme Inventée"),
    *("Mlle Inventée", "Monsieur Inventé", "Madame Inventée", "mademoiselle inventée"),
    *("Dr Invented", "Docteur Inventé", "docteur Inventé", "Docteure Inventée", "Doctor Invented"),
    *("Prof. Invented", "Professeur Inventé", "Professor K. Invented", "Pr Inventé"),
    *("Maître Inventé", "Me Inventé", "Colonel Inventé", "Général Inventé", "Captain Invented"),
    *("Commissaire Inventé", "Judge Invented", "Juge Inventé", "President Invented"),
    *("Sra. Inventada", "Cheikh Inventé", "Rev. Invented", "Imam Inventé", "Sénateur Inventé"),
    *("desk@example.org", "desk＠example.org", "ｄｅｓｋ@example.org"),
    *("+228 90 12 34 56", "90/12/34/56", "90.12.34.56", "(0)1-42-34-56-78", "0042 123 4567"),
    *("９０１２３４５６", "+２２８ ９０ １２ ３４ ５６", "call 90123456", "90–12–34–56"),
    *("Ｄｒ Invented", "DOCTEUR INVENTE", "dr. invented"),
]
PERSONS += [
    *(
        "Docteur de Souza",
        "Docteur d'Almeida",
        "Docteur da Silva",
        "Docteur: Kossi",
        "Docteur-Kossi",
    ),
    *("Col. Invented", "Capt. Invented", "Gén. Inventé", "Lt. Invented", "Honourable Invented"),
    *("Mgr Inventé", "Monseigneur Inventé", "Sœur Inventée", "His Excellency Invented"),
    *("90−12−34−56", "90·12·34·56", "kossi [at] example.org", "kossi(at)example.org"),
]
ROLES = [
    *(
        "DR Congo desk",
        "Dr Congo office",
        "Sr. Human Rights Officer",
        "PR team",
        "MS Teams channel",
    ),
    *("Field office Lomé 2026-2027", "Case 2026/0001234", "Institut Pasteur Dakar"),
    *("Inspector General", "Judge Advocate General", "General Affairs", "Major Incidents desk"),
    *("Imam Council", "Président Cour Suprême", "Don Bosco centre"),
    *("regional office", "human-rights officer", "constitutional expert", "Dakar"),
    *("Ministry of Justice", "Ministère de la Justice", "the Government", "Cour des comptes"),
    *("doctor on duty", "office of the president", "Attorney General", "Secrétaire général"),
    *("General Assembly", "President of the Court", "Justice Department", "major events desk"),
    *("desk 1", "UPR 3rd cycle, 108.24", "A/HRC/34/4", "follow-up of 2017-10-02", "CCPR/C/TGO/5"),
    *("Haut-Commissariat", "sous-préfecture", "Me", "chef de bureau", "team of 12", "OHCHR"),
]


@pytest.mark.parametrize("text", PERSONS)
def test_what_looks_like_a_person_is_refused(text: str) -> None:
    assert looks_like_a_person(text)
    with pytest.raises(UsageError, match="owner must be a role or an office"):
        require_role(text, "owner")


@pytest.mark.parametrize("text", ROLES)
def test_a_role_is_taken(text: str) -> None:
    assert require_role(f" {text} ", "owner") == text
