"""Why a recommendation was made: reasons, facts, past groups."""
