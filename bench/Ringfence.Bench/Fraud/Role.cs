namespace Ringfence.Bench.Fraud;

/// <summary>What people at a site use their phones for.</summary>
/// <param name="Heads">Extensions that have it.</param>
/// <param name="Workday">Calls to outside on a workday.</param>
/// <param name="DayOff">The same on a weekend or holiday.</param>
/// <param name="Hours">Weight of each hour of the day, from midnight on.</param>
/// <param name="Answered">Share of calls.</param>
/// <param name="Talk">Median of the talk, in seconds.</param>
/// <param name="Spread">Of its logarithm.</param>
/// <param name="Calls">Whither, "RANGE WEIGHT" of <see cref="PhoneBook"/> each.</param>
/// <param name="Own">Ranges of which each person has some as well; an entry with commas is taken whole, by one person after the other.</param>
/// <param name="OwnShare">Share of his calls that go there.</param>
internal sealed record Role(string Name, int Heads, double Workday, double DayOff, double[] Hours, double Answered, double Talk, double Spread, string Calls, string[] Own, double OwnShare)
{
    //                                         0                    6              9           12              15          18             21
    internal static readonly double[] Office = [0, 0, 0, 0, 0, 0, .3, 2, 6, 10, 11, 10, 5, 7, 10, 10, 8, 4, 1.2, .4, .1, 0, 0, 0];
    internal static readonly double[] Shop = [0, 0, 0, 0, 0, 0, 0, 0, 6, 9, 10, 9, 7, 8, 9, 10, 10, 10, 8, 5, 0, 0, 0, 0];
    private static readonly double[] Late = [.2, 0, 0, 0, 0, .1, .5, 2, 5, 8, 9, 8, 4, 6, 8, 9, 9, 8, 6, 4, 3, 3, 2, .6];
    private static readonly double[] Night = [6, 5, 4, 4, 5, 6, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 7, 8, 8, 7];
    internal static readonly double[] Clock = [3, 3, 3, 3, 3, 3, 4, 5, 6, 6, 6, 6, 5, 5, 6, 6, 6, 5, 5, 4, 4, 4, 3, 3];

    internal const string Mixed = "DE 62 DEm 28 AT 2 CH 1.5 FR .8 GB .8 NL .6 IT .6 US .5 PL .4 CZ .4 ES .3 SE .2 DE0800 1 DE0180 .8 DE0900 .01";

    /// <summary>200 extensions.</summary>
    public static IReadOnlyList<Role> All { get; } =
    [
        new("office", 118, 7, .05, Office, .72, 110, 1.1, Mixed, ["AT", "CH", "FR", "FRm", "IT", "ITm", "GB", "GBm", "NL", "PL", "CZ", "US", "TR", "CN", "IN", "JP", "BR"], .05),
        new("call centre", 24, 75, 8, Shop, .55, 70, .9, "DE 70 DEm 24 AT 4 CH 2", [], 0),
        new("sales", 10, 14, .2, Late, .6, 150, 1, "DE 50 DEm 35 AT 5 CH 4 NL 3 FR 3", ["US", "GB", "IT", "ES", "BR", "TR", "IN"], .1),

        // People who buy where it is cheap to make things: half of what they call the risk deck has as high.
        new("purchasing", 6, 11, .2, Late, .65, 240, 1, Mixed, ["BA,BAm,LB,LBm", "CN,CNm,HK,VNm", "RS,RSm,TR,TRm", "MA,MAm,TN,TNm", "LV,LVm,LT,EE", "BY,GE,UAm,AL,ALm"], .45),

        // Ships lie in ports by day and by night, and are at sea otherwise.
        new("shipping", 4, 10, 4, Clock, .6, 90, .8, "DE 40 DEm 25 NL 10 SE 6 GB 6 PA 4 LR 1.5 SAT 1.2", ["MA,SC", "LV,EE", "LR,PA", "DO,JM"], .06),
        new("travel desk", 3, 14, .5, Office, .7, 180, 1, "DE 45 DEm 20 ES 8 IT 8 FR 6 GB 5 MV 2 CU 1 DO 2 SC 1", ["MV,SC", "CU,DO,JM", "MA,TN"], .12),
        new("management", 6, 9, 1.2, Late, .7, 300, 1.1, Mixed, ["US,GB", "US,CH", "CN,HK", "FR,BR", "IN,GB", "US,JP"], .25),
        new("guards", 2, 1.5, 3, Night, .8, 60, .8, "DE 70 DEm 30", [], 0),

        // Whoever has the duty calls technicians out of bed, and makers of machines on the other side of the world.
        new("duty", 4, 3, 6, Clock, .75, 240, 1, "DE 25 DEm 60 IT 5 ITm 3 CNm 3 TR 2 RSm 1", [], 0),
        new("fax", 3, 5, .3, Office, .9, 55, .5, "DE 90 AT 3 CH 3 FR 2 TR 2", [], 0),
        new("alarm dialler", 2, 2, 2, Clock, .98, 25, .3, "DE 100", [], 0),
        new("lift", 2, .34, .34, Clock, .98, 40, .2, "DE 100", [], 0),
        new("conferences", 8, 6, .1, Office, .75, 130, 1.1, Mixed, ["US", "GB", "IN", "CN"], .12),

        // Calls that come in and go on to mobiles; two of them stand in other countries.
        new("forwarding", 8, 9, 1.5, Late, .8, 140, 1, "DEm 100", [], 0),
    ];
}
