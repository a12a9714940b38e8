"""How well earlier answers tell which invited households answer a campaign, in the grocer's year of 84.51° (2017).

    python -m benchmarks.campaign_answers [--since 2017-05-01]

An invitation is a household's place in a campaign, an answer the redemption of one of its coupons. Facts are as of the
campaign's start: nothing redeemed or bought on that day or later counts. Prints, over all campaigns that start from
``--since`` on, the AUC of each fact among the households invited to the same campaign (the share of pairs of one who
answered and one who did not that the fact orders rightly, ties half), with its 95 % bootstrap interval over households.
"""

import argparse

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.complete_journey_log import read_table

RESAMPLES = 200
RECENT = pd.Timedelta(days=91)
PRIOR = 4  # invitations at the usual rate that a share of answers is smoothed with


def read_invitations() -> pd.DataFrame:
    """A row an invitation: ``campaign``, ``household``, ``start``, and ``answered`` on or after it, NaT if never."""
    invited = read_table("campaigns")
    starts = read_table("campaign_descriptions").set_index("campaign_id")["start_date"]
    redeemed = read_table("coupon_redemptions")
    first = redeemed.groupby(["campaign_id", "household_id"])["redemption_date"].min()
    invited["start"] = invited["campaign_id"].map(starts)
    invited = invited.join(first.rename("answered"), on=["campaign_id", "household_id"])
    return invited.rename(columns={"campaign_id": "campaign", "household_id": "household"})


def facts(invited: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """The invitations to campaigns from ``since`` on, a column of facts each, as of the campaign's start."""
    lines = read_table("transactions").rename(columns={"transaction_timestamp": "at"})
    coupons = read_table("coupons").drop_duplicates(["campaign_id", "product_id"])
    found = []
    for (campaign, start), asked in invited[invited["start"] >= since].groupby(
        ["campaign", "start"]
    ):
        earlier = invited[invited["start"] < start]
        answers = earlier[earlier["answered"] < start]
        bought = lines[lines["at"] < start]
        recent = bought[bought["at"] >= start - RECENT]
        products = coupons.loc[coupons["campaign_id"] == campaign, "product_id"]
        counts = {
            "earlier answers": answers["household"],
            "earlier invitations": earlier["household"],
            "coupons used, 13 weeks": recent.loc[recent["coupon_disc"] > 0, "household_id"],
            "baskets, 13 weeks": recent.drop_duplicates("basket_id")["household_id"],
            "launches of its products": bought.loc[
                bought["product_id"].isin(products), "household_id"
            ],
        }
        described = asked[["campaign", "household"]].copy()
        described["answered"] = asked["answered"].notna()
        for fact, households in counts.items():
            described[fact] = asked["household"].map(households.value_counts()).fillna(0)
        usual = len(answers) / max(len(earlier), 1)
        described["share of answers, smoothed"] = (described["earlier answers"] + PRIOR * usual) / (
            described["earlier invitations"] + PRIOR
        )
        found.append(described)
    return pd.concat(found, ignore_index=True)


def concordance(
    answered: NDArray[np.bool_], fact: NDArray[np.float64], campaign: NDArray[np.int64]
) -> float:
    """The share of right pairs within campaigns, over all [n] invitations."""
    right = pairs = 0.0
    for one in np.unique(campaign):
        rows = campaign == one
        positive = answered[rows]
        yes = int(positive.sum())
        ranks = rankdata(fact[rows])
        right += ranks[positive].sum() - yes * (yes + 1) / 2
        pairs += yes * (len(positive) - yes)
    return right / pairs


def main() -> None:
    """Print a line a fact."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--since", type=pd.Timestamp, default=pd.Timestamp("2017-05-01"))
    options = parser.parse_args()
    described = facts(read_invitations(), options.since)
    answered, campaign = described["answered"].to_numpy(), described["campaign"].to_numpy()
    print(
        f"{len(described)} invitations to {len(np.unique(campaign))} campaigns, {answered.mean():.1%} answered;"
        f" {(described['earlier invitations'] > 0).mean():.1%} had been invited before"
    )
    groups = pd.Series(range(len(described))).groupby(described["household"].to_numpy())
    rows_of = [rows.to_numpy() for _, rows in groups]
    rng = np.random.default_rng(0)
    draws = [
        np.concatenate([rows_of[k] for k in rng.integers(len(rows_of), size=len(rows_of))])
        for _ in range(RESAMPLES)
    ]
    for fact in described.columns.drop(["campaign", "household", "answered"]):
        values = described[fact].to_numpy(float)
        drawn = [concordance(answered[rows], values[rows], campaign[rows]) for rows in draws]
        low, high = np.quantile(drawn, (0.025, 0.975))
        print(f"{fact:<28}{concordance(answered, values, campaign):.3f} ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    main()
