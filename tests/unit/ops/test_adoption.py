"""What the terminal says of an adoption."""

from ops.render.adoption import summary


def test_the_summary_says_how_many_accounts_stand_how_and_where_each_is_named() -> None:
    told = {"step": "written", "file": "adoption/proposal.csv", "to link": 1_204, "to review": 1}
    lines = summary(told, 80)
    assert lines[0] == "1,205 accounts:"
    assert "        1,204  are to be linked: nothing contradicts" in lines
    assert "            0  name each other" in lines
    assert lines[-1].endswith("adoption/proposal.csv")
