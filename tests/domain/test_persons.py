"""Tests that names of persons are distinguished from roles. All names are invented."""

import pytest

from ewarn.domain.persons import looks_like_a_person, require_no_contact, require_role
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
PERSONS += [
    *("dr inventé", "docteur inventé", "colonel inventé", "maire inventé", "Chief Invented"),
    *("Inventé, PhD", "Inventé, Ph.D.", "Invented, MD", "Invented, Esq.", "Inventé (Dr)"),
    *("Inventé, Colonel", "Inventé Kossi (colonel)", "Maire Inventé", "Préfet Inventé"),
    *("Prince Inventé", "Governor Invented", "Gouverneur Inventé", "Mayor Invented"),
    *("Sheikh Invented", "Pasteur Inventé", "M Inventé", "m inventé", "M  INVENTE"),
    *("Commissaire de police Inventé", "Ministre d'État Inventé", "Premier ministre Inventé"),
    *("Juge d'instruction Inventé", "Inspecteur général Inventé", "Évêque Inventé"),
    *("Ministre des droits de l'homme Inventé", "Procureur de la République Inventé"),
    *("Governor-General Invented", "chef de canton Inventé", "Chef Inventé", "Reine Inventée"),
    *("Colonel de Souza", "Commissaire da Silva", "Father Invented", "Sister Invented"),
    *("90\u200b12\u200b34\u200b56", "90\u00ad12\u00ad34\u00ad56", "D\u200br Inventé"),
]
PERSONS += [
    *("Мr Invented", "Мме Inventée", "Dг Invented", "Μr Invented", "D.r. Invented"),
    *("90⁄12⁄34⁄56", "90∕12∕34∕56", "90•12•34•56", "90|12|34|56", "90;12;34;56", "90'12'34'56"),
    *("90~12~34~56", "90\\12\\34\\56", "2019-90123456", "kossi arobase x.tg", "kossi at x.tg"),
    *("kossi(a)x.tg", "dr_invented", "desk_Dr_Invented", "MM. Invented et Kossi"),
    *("El-Hadj Invented", "S.E. Kossi Invented", "H.E. Kossi Invented", "Avocat Invented"),
    *("Ing. Kossi Invented", "Kossi Invented, avocat", "INVENTED Kossi, préfet"),
    *("Kossi Invented (juge)", "Kossi Invented - magistrat", "Melle Inventée", "Mle Inventée"),
    *("Maj. Invented", "Gal Inventé", "Cne Inventé", "Cmdt Inventé", "Supt. Invented"),
    *("Adj. Inventé", "Gov. Invented", "Sen. Invented", "Amb. Invented", "Atty. Invented"),
    *("Adv. Invented", "Alh. Invented", "Haji Invented", "Oustaz Inventé"),
]
ROLES = [
    *(
        "Avocat général",
        "Avocats sans frontières",
        "avocat de permanence",
        "Supreme Court (President)",
    ),
    *(
        "S.E. Asia desk",
        "Kara, préfet",
        "Gov. office",
        "duty_desk_1",
        "Министерство юстиции",
        "Adj desk",
    ),
    *("Article 9 (a)", "officer at headquarters", "Υπουργείο Δικαιοσύνης"),
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
    *("Préfet de la Kozah", "Governor's office", "Ministre des droits de l'homme", "Mayor of Lomé"),
    *("Chief of mission", "Human rights officer", "Chief of staff", "Chief Technical Adviser"),
    *("Chief Livelihoods Officer", "Ministre d'État", "Commissaire de police", "Premier ministre"),
    *("Gouverneur de la région des Plateaux", "Président de la République", "chef de canton"),
    *("President of Burkina Faso", "Governor of Rivers State", "Procureur de la République"),
    *(
        "Cabinet du préfet",
        "sous-préfet",
        "M&E officer",
        "M & E officer",
        "Team M",
        "Maire adjoint",
    ),
    *("Évêque de Dapaong", "Emir of Kano", "High Commissioner for Human Rights", "Deputy Governor"),
    *("lieutenant de police", "Colonel commandant la gendarmerie", "Ambassadeur de France"),
    *("Captain of the port", "Conseil des imams", "Conseiller aux droits de l'homme", "Maritime"),
    *("Préfet maritime", "Inspector General of Police", "Union des chefs traditionnels"),
    *("general strike desk", "Major Crimes Unit", "Prince Edward Island desk", "Chief Justice"),
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


@pytest.mark.parametrize(
    "text", ["kossi@x.tg", "kossi at x.tg", "A/HRC/34/4, 90 12 34 56", "+228 9012 3456", "90123456"]
)
def test_a_reference_with_a_way_to_reach_somebody_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="must hold no e-mail address and no telephone number"):
        require_no_contact(text, "the reference")


@pytest.mark.parametrize(
    "text",
    [
        "A/HRC/34/4",
        "108.24, 108.25, 108.26",
        "CCPR/C/TGO/CO/5, paras. 12-18",
        "3 (a)",
        "2017-10-02",
    ],
)
def test_a_reference_of_numbers_is_taken(text: str) -> None:
    assert require_no_contact(text, "the reference") == text
