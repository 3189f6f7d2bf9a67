"""Problems in the fast form with too many sites to list every dated route: routes first, then their days."""
