using System.Text;
using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>Sites on which no level was chosen: most are small, and some call for a living what the risk deck has as high.</summary>
internal static class OtherSites
{
    //                                                0                    6              9           12              15          18             21
    private static readonly double[] Guest = [.5, .1, 0, 0, 0, .2, 1, 4, 5, 3, 2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 7, 5, 2];

    // Where guests of a German hotel are at home.
    private static readonly string[] Homes =
    [
        "DE", "DE", "DEm", "DEm", "DEm", "NL", "GB", "GBm", "CH", "AT", "FR", "FRm", "IT", "ITm", "US", "PL", "ES", "SE", "CN", "CNm", "JP", "IN", "INm", "BR", "TR", "TRm", "UAm", "RSm", "LV", "TNm", "MAm", "LBm",
    ];

    private static readonly WorkHours Always = WorkHours.Usual(SiteCalendar.Zone) with { Days = 0b1111111, From = 0, To = 24 * 60 };

    public static IReadOnlyList<(string Name, WorkHours? Hours, IReadOnlyList<Role> Roles)> All { get; } =
    [
        ("office of 12", null, [Of("office", 9), Of("sales", 1), Of("management", 1), Of("fax", 1)]),
        ("importer of 30, half of them buyers", null, [Of("purchasing", 16), Of("office", 8), Of("shipping", 3), Of("management", 2), Of("fax", 1)]),
        ("calls abroad, 40 agents", null, [new("calls abroad", 40, 70, 6, Role.Shop, .5, 90, .9, "AT 25 CH 25 FR 15 PL 15 GB 10 TR 5 RS 5", [], 0), Of("management", 2)]),
        ("hotel of 100 rooms", null, Hotel),
        ("the same, `hours = Mon-Sun 00:00-24:00`", Always, Hotel),
        ("guards and duty, 12", null, Duty),
        ("the same, `hours = Mon-Sun 00:00-24:00`", Always, Duty),
    ];

    private static Role[] Hotel => [new("room", 100, .5, .6, Guest, .75, 200, 1.2, "DE 70 DEm 30", Homes, .7), new("reception", 4, 25, 20, Role.Clock, .7, 90, .9, Role.Mixed, ["US", "GB", "CN"], .04), Of("management", 1)];

    private static Role[] Duty => [Of("duty", 4), Of("guards", 3), Of("forwarding", 2), Of("alarm dialler", 1), Of("office", 2)];

    /// <param name="years">Of each, from the seed <paramref name="first"/> on.</param>
    public static string Write(int first, int years, int recorded, bool why)
    {
        var text = new StringBuilder();
        text.AppendLine("| site | calls to outside a year | of those abroad off hours | lost a year where nobody stops it | saved, gate and brake | false stops per 1,000 user-days | saved, brake alone | false stops per 1,000 user-days |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var (name, hours, roles) in All)
        {
            var table = new FraudTable(oursAlone: true, roles, hours);
            for (var seed = first; seed < first + years; seed++)
            {
                table.Measure((ulong)seed, 365, recorded);
            }

            text.AppendLine(table.Row(name));
            if (why)
            {
                text.AppendLine(table.Write(why));
            }
        }

        return text.ToString();
    }

    private static Role Of(string name, int heads) => Role.All.Single(role => role.Name == name) with { Heads = heads };
}
