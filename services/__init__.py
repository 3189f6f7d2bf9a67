"""Quinzaine: plan the workshops of a Quinzaine du Numérique and keep every calendar in step.

The map, from the front door inward:

- ``portal``         the doors: web pages, feeds, mail that comes in (organisers, schools, providers)
- ``registration``   schools, contacts, classes, groups, availabilities, answers
- ``scheduling``     editions, programmes, demand, proposals, plans, releases
- ``notifications``  invitations, mails, feeds, replies
- ``kit``            shared plumbing: settings, database, outbox, inbox, hosts
- ``contracts``      what crosses a border between services: values, events, requests, errors

The three services never call each other: commands come in by RPC from the portal or the
command line, facts go out as events. ``embedded`` hosts all of them in one process;
``kit.hosting`` hosts each on nameko and RabbitMQ.
"""
