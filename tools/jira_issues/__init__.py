"""Find, read, create, change, assign, move and delete Jira issues."""

from tools.jira_issues.batches import jira_batch_create_issues
from tools.jira_issues.changelogs import jira_batch_get_changelogs
from tools.jira_issues.describing import jira_edit_description
from tools.jira_issues.moving import jira_delete_issue, jira_move_issue
from tools.jira_issues.reading import IssueList, jira_get_issue, jira_get_project_issues, jira_search
from tools.jira_issues.writing import jira_assign_issue, jira_create_issue, jira_update_issue

__all__ = [
    "IssueList",
    "jira_assign_issue",
    "jira_batch_create_issues",
    "jira_batch_get_changelogs",
    "jira_create_issue",
    "jira_delete_issue",
    "jira_edit_description",
    "jira_get_issue",
    "jira_get_project_issues",
    "jira_move_issue",
    "jira_search",
    "jira_update_issue",
]
