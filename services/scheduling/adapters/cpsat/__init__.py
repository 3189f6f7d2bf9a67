"""The planner's solver on OR-Tools. ``solve`` chooses by the form a problem has:

- the fast form (``shape``), where only counts per half-day are decided: day routes (``routes``, ``columns``,
  ``master``), proved by exact search over the days (``exact``); a released plan made anew (``replans``); many sites
  (``large``); thousands (``territories``, on several workers);
- every other form (``general``): a first plan renewed part by part (``renewal``), alike classes counted as lots
  (``lots``), then single sessions (``single``).

``timing`` and ``identity`` turn counts into hours and names; ``explained`` says what cannot be planned.
"""
