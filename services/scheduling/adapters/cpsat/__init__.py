"""The planner's solver on OR-Tools: day routes by counts where the problem allows it, sessions one by one elsewhere."""
