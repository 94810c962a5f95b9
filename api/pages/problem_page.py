"""What is answered to a problem: a page for people, a problem document (RFC 9457) for programs."""

from fastapi import Request
from fastapi.responses import Response

from api.pages.page import WebPage
from api.pages.told_problem import told_problem
from api.serving.problems import KINDS, Problem
from api.serving.requests import prefers_page


def answer_to_problem(request: Request, problem: Problem) -> Response:
    """Return the page that explains a problem if a browser asks, and else the problem document."""
    return problem_page(request, problem) if prefers_page(request) else problem.answer()


def problem_page(request: Request, problem: Problem) -> Response:
    """Return the page that explains a problem."""
    page = WebPage(request, getattr(request.state, "reader", None), explains_problem=True)
    kind = KINDS[problem.kind]
    context = {"problem": told_problem(problem, page.language), "kind": kind, "section": ""}
    answer = page.render("problem.html.j2", context, status=problem.status, fresh=False)
    answer.headers.update(problem.headers)
    return answer
