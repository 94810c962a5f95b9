"""Words that distinguish persons from roles, in English, French and a little Spanish.

They are written without accents, except in `TITLES` where a word without its accent has another
meaning.
"""

# Words that come before a name, and never before a role.
TITLES = (
    *("mr", "mrs", "ms", "miss", "mx", "mister", "madam", "sir", "dame", "lord", "lady", "messrs"),
    *("mme", "mmes", "mlle", "mlles", "monsieur", "messieurs", "madame", "mesdames"),
    *("mademoiselle", "dr", "dre", "drs", "prof", "pr", "profesor", "hon", "rev", "revd"),
    *("honourable", "honorable", "excellency", "excellence", "mgr", "monseigneur", "cardinal"),
    *("archbishop", "archeveque", "abbe", "soeur", "sœur", "frere", "rabbi", "alhaji", "elhadj"),
    *("hadja", "veuve", "vve", "batonnier", "barrister", "phd", "gen", "cdt", "lt", "sgt", "capt"),
    *("col", "insp", "adjt", "cpl", "brig", "gouv", "togbui", "togbe", "mallam", "malam", "hajia"),
    *("sr", "sra", "srta", "señor", "señora", "don", "doña", "frau", "herr", "sheikh", "cheikh"),
    *("sheik", "shaykh", "cheick", r"el[\s-]hadji?", "elhadji", "comrade", "camarade", "ayatollah"),
    *("melle", "mle", "alh", "haji", "oustaz", "ustaz"),
)
POSTNOMINALS = (
    *("PhD", "MD", "MP", "MEP", "Esq", "Jr", "Sr", "QC", "KC", "OBE", "MBE", "LLM", "LLD", "Msc"),
    *("DPhil", "BSc", "MSc", "MBA", r"M\.D", r"Ph\.D", r"M\.P", "Dr", "Prof", "Me"),
)
# Professions. They also name offices ("avocat general"), as posts do.
PROFESSIONS = frozenset(
    ("avocat", "avocate", "lawyer", "attorney", "advocate", "magistrat", "magistrate", "notaire")
)
# Cyrillic and Greek letters that look like Latin ones.
LOOK_ALIKES = str.maketrans(
    "АВЕЅКМНОРСТУХІЈԚԜавгеѕкмнорстухіјԛԝһԁӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχ",
    "ABESKMHOPCTYXIJQWabreskmhopctyxijqwhdlABEZHIKMNOPTYXaeikvoptux",
)
# Ranks of persons: "Colonel de Souza" is a person.
OF_PERSONS = frozenset(
    (
        *("docteur", "docteure", "doctor", "doctora", "professeur", "professeure", "professor"),
        *("maitre", "colonel", "captain", "capitaine", "commandant", "lieutenant", "sergeant"),
        *("sergent", "adjudant", "brigadier", "corporal", "caporal", "admiral", "amiral"),
        *("reverend", "reverende"),
    )
)
# Ranks that also name an office: "Prefet de la Kozah" and "Prefet de Lome" are offices.
OF_OFFICES = frozenset(
    (
        *("prefet", "prefete", "prefect", "maire", "mayor", "mayoress", "governor", "gouverneur"),
        *("gouverneure", "commissaire", "commissioner", "judge", "juge", "minister", "ministre"),
        *("senator", "senateur", "senatrice", "depute", "deputee", "president", "presidente"),
        *("ambassador", "ambassadeur", "ambassadrice", "bishop", "eveque", "pastor", "pasteur"),
        *("imam", "emir", "sultan", "king", "queen", "roi", "reine", "prince", "princess"),
        *("princesse", "inspector", "inspecteur", "inspectrice", "chef", "consul"),
        *("procureur", "prosecutor", "chancellor", "chancelier", "superintendent"),
        *("constable", "sheriff", "alcalde", "councillor", "conseiller", "conseillere"),
    )
)
# Ranks that are also everyday words: they count as ranks only before a capital letter.
AMBIGUOUS_RANKS = frozenset(
    (
        *("general", "generale", "major", "justice", "me", "father", "pere", "brother", "sister"),
        *("chief", "counsel", "chairman", "chairwoman", "doyen", "dean", "elder", "notable"),
        *("mm", "maj", "gal", "cne", "cmdt", "supt", "adj", "gov", "sen", "amb", "atty", "adv"),
        *("ing", "ingenieur"),
    )
)
LINKS = frozenset(
    (
        *("of", "for", "to", "in", "on", "at", "and", "the", "s", "with", "from", "or", "a", "an"),
        *("de", "du", "des", "d", "la", "le", "les", "l", "pour", "en", "et", "au", "aux", "sur"),
        *("pres", "par", "charge", "chargee", "ou", "under", "without", "who"),
    )
)
# Parts of names that do not link an office to its place.
PARTICLES = frozenset(("da", "do", "dos", "das", "di", "von", "van", "bin", "ben", "el", "al"))
# Words in the names of bodies and posts: a rank before such a word belongs to the name.
BODIES = frozenset(
    (
        *(
            "office",
            "officer",
            "unit",
            "desk",
            "team",
            "section",
            "division",
            "department",
            "bureau",
        ),
        *(
            "ministry",
            "secretariat",
            "adviser",
            "advisor",
            "manager",
            "expert",
            "analyst",
            "service",
        ),
        *("council", "commission", "committee", "court", "directorate", "assistant", "coordinator"),
        *("staff", "network", "branch", "centre", "center", "counsel", "executive", "specialist"),
    )
)
ROLE_WORDS = BODIES | frozenset(
    (
        # bodies and powers
        *("assembly", "assemblee", "inspectorate", "cabinet", "parliament", "parlement", "senate"),
        *("senat", "tribunal", "cour", "conseil", "comite", "mairie", "prefecture", "gouvernorat"),
        *("government", "gouvernement", "state", "etat", "nation", "republic", "republique"),
        *("police", "gendarmerie", "army", "armee", "forces", "guard", "garde", "security"),
        *("securite", "union", "association", "syndicat", "eglise"),
        *("church", "mosque", "mosquee", "school", "ecole", "university", "universite", "hospital"),
        *("hopital", "mission", "delegation", "embassy", "ambassade", "consulate", "consulat"),
        *("foundation", "fondation", "institut", "institute", "agency", "agence", "group"),
        *("groupe", "region", "province", "district", "county", "city", "ville", "commune"),
        *("canton", "village", "quartier", "brigade", "direction", "departement", "ministere"),
        *("equipe", "poste", "post", "permanence", "registry", "greffe", "bench", "panel"),
        # posts and their kinds
        *("secretary", "secretaire", "director", "directeur", "directrice", "delegate", "delegue"),
        *("deleguee", "deputy", "adjoint", "adjointe", "vice", "sous", "advocate", "avocat"),
        *("attorney", "auditor", "clerk", "rapporteur", "ombudsman", "mediator", "mediateur"),
        *("registrar", "representative", "representant", "representante", "spokesperson"),
        *("observer", "observateur", "monitor", "focal", "point", "duty", "acting", "interim"),
        *("interimaire", "former", "ancien", "honoraire", "honorary", "resident", "residente"),
        *("plenipotentiaire", "extraordinary", "extraordinaire", "special", "speciale", "senior"),
        *("junior", "principal", "principale", "first", "premier", "premiere", "second", "third"),
        *("regional", "regionale", "national", "nationale", "local", "locale", "provincial"),
        *("departemental", "departementale", "municipal", "municipale", "federal", "federale"),
        *("international", "internationale", "central", "centrale", "supreme", "high", "haut"),
        *("haute", "joint", "general", "generaux", "elect", "elu", "elus", "elected", "designate"),
        *("traditional", "traditionnel", "traditionnelle", "customary", "coutumier", "religieux"),
        *("religious", "militaire", "military", "civil", "civile", "judicial", "judiciaire"),
        *("presiding", "magistrate", "magistrat", "instruction", "administratif", "appel"),
        *("administrative", "operating", "technical", "technique", "medical", "financial"),
        *("information", "legal", "juridique", "electoral", "electorale", "political", "politique"),
        *("economic", "economique", "social", "sociale", "scientific", "statistician", "maritime"),
        *(
            "apostolique",
            "rural",
            "rurale",
            "urban",
            "emeritus",
            "chair",
            "referent",
            "speaker",
            "traitant",
        ),
        *("classe", "reserve", "retired", "whip", "nord"),
        *("sud", "est", "ouest", "north", "south", "east", "west", "congo", "africa", "afrique"),
        # subjects
        *("human", "rights", "right", "droits", "droit", "homme", "humain", "humains", "justice"),
        *("affairs", "affaires", "foreign", "etrangeres", "etranger", "interior", "interieur"),
        *("defence", "defense", "finance", "finances", "health", "sante", "education", "women"),
        *("femme", "femmes", "youth", "jeunesse", "peace", "paix", "law", "loi", "protection"),
        *("communication", "planning", "plan", "budget", "labour", "labor", "travail", "elections"),
        *("operations", "programme", "programmes", "program", "project", "projet", "emergency"),
        *(
            "incidents",
            "incident",
            "events",
            "crimes",
            "crime",
            "cases",
            "case",
            "strike",
            "public",
        ),
        *(
            "publique",
            "territoriale",
            "territorial",
            "administration",
            "environment",
            "environnement",
        ),
        *("reconciliation", "humanitarian", "humanitaire", "gender", "genre", "child", "children"),
        *("enfants", "enfant", "prisons", "prison", "detention", "reform", "reforme", "monitoring"),
        *(
            "analysis",
            "early",
            "warning",
            "alerte",
            "precoce",
            "crisis",
            "crise",
            "contact",
            "line",
        ),
        *("meeting", "room", "house", "palace", "palais", "residence", "cell", "cellule"),
    )
)
