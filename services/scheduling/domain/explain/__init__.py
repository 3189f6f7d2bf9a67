"""Why a plan is as it is: what cannot work, what is missing, why a session stands here and not there.

Everything here is a pure function of a problem and a plan. An explanation is a list of ``errors.Problem``: a code and
facts, put into words at the border like any other; ids in the facts become names by ``labels``.
"""
