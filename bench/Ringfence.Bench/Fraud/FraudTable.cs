using System.Globalization;
using System.Text;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Bench.Fraud;

/// <summary>Years with and without attacks through all defences, and the tables about them.</summary>
internal sealed class FraudTable
{
    private const int TimesEach = 2;

    private readonly IReadOnlyList<Role>? _roles;
    private readonly WorkHoursFit _fit;
    private readonly (string Name, Func<Action<PastOutcome, string>, Defence> Make, List<FraudScore> Honest, List<FraudScore> Attacked)[] _all;
    private readonly List<FraudScore> _nobody = [];

    /// <param name="roles">null: the site of 200 extensions.</param>
    /// <param name="hours">null: the usual ones, as where the operator says nothing of them.</param>
    public FraudTable(bool oursAlone, IReadOnlyList<Role>? roles = null, WorkHours? hours = null)
    {
        _roles = roles;
        var policy = Policy(hours);
        _fit = new WorkHoursFit(policy);
        (string, Func<Action<PastOutcome, string>, Defence>, List<FraudScore>, List<FraudScore>)[] all =
        [
            ("Ringfence, gate and brake", take => new EngineDefence(policy, hasGate: true) { Take = take }, [], []),
            ("Ringfence, brake alone", take => new EngineDefence(policy, hasGate: false) { Take = take }, [], []),
            ("OpenSIPS fraud_detection, in the way", static take => new BaselineDefence(new OpenSipsFraud(), hasGate: true) { Take = take }, [], []),
            ("the same, hanging up", static take => new BaselineDefence(new OpenSipsFraud(), hasGate: false) { Take = take }, [], []),
            ("VoIPmonitor-like alerts, with a script", static take => new BaselineDefence(new VoipMonitorAlerts(), hasGate: true) { Take = take }, [], []),
            ("three times last month", static take => new BaselineDefence(new MonthTrap(), hasGate: true) { Take = take }, [], []),
        ];
        _all = oursAlone ? all[..2] : all;
    }

    /// <summary>What holds where the operator says nothing but his country and his zone.</summary>
    public static CallPolicy Policy(WorkHours? hours = null) => CallPolicy.Default(hours ?? WorkHours.Usual(SiteCalendar.Zone), PhoneBook.Home);

    /// <param name="recorded">Days before the year that are in the PBX's records.</param>
    public void Measure(ulong seed, int days, int recorded)
    {
        var book = new PhoneBook();
        var day = new DateOnly(2026, 1, 1);
        var from = SiteCalendar.At(day, 0);
        var site = SiteYear.Make(book, seed, day.AddDays(-recorded), days + recorded, _roles);
        var attacks = AttackShapes.Draw(book, site, seed * 1_000_003, day.AddDays(1), days - 21, TimesEach);
        foreach (var call in site.Calls)
        {
            _fit.Add(call.Attempt);
        }

        var nobody = FraudRun.Go(book, site, attacks, from, static take => new BaselineDefence(new NoBaseline(), hasGate: true) { Take = take });
        _nobody.Add(nobody);
        foreach (var (_, make, honest, attacked) in _all)
        {
            honest.Add(FraudRun.Go(book, site, [], from, make));
            var score = FraudRun.Go(book, site, attacks, from, make);
            for (var at = 0; at < attacks.Count; at++)
            {
                score.Attacks[at].Undefended = nobody.Attacks[at].Lost;
            }

            attacked.Add(score);
        }
    }

    /// <summary>The row of <see cref="OtherSites"/>.</summary>
    public string Row(string site)
    {
        var text = new StringBuilder($"| {site} | {_nobody.Average(static score => score.Calls):N0} | {_fit.Share:0} % | {Money(_nobody.SelectMany(static score => score.Attacks).Sum(static one => one.Lost) / _nobody.Count)} |");
        foreach (var (_, _, honest, attacked) in _all)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Saved([.. attacked.SelectMany(static score => score.Attacks)]):0.00} % | {honest.Sum(static score => score.FalseStops.Values.Sum()) * 1000.0 / honest.Sum(static score => score.UserDays):0.000} |");
        }

        return text.ToString();
    }

    public string Write(bool why)
    {
        var text = new StringBuilder();
        var all = _nobody.SelectMany(static score => score.Attacks).ToArray();
        text.AppendLine(CultureInfo.InvariantCulture, $"{_nobody.Count} years of {_nobody.Average(static score => score.Calls):N0} honest calls to outside each, {all.Length} attacks; nobody stops them: {Money(all.Sum(static one => one.Lost))} are lost.").AppendLine();
        text.AppendLine("| defence | lost | saved | saved, mean of attacks | attacks never stopped | seconds to the first stop, median | 9 of 10 | false stops per 1,000 user-days | honest calls stopped, of a million |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, _, honest, attacked) in _all)
        {
            AttackScore[] scores = [.. attacked.SelectMany(static score => score.Attacks)];
            double[] seconds = [.. scores.Where(static one => one.StoppedAt > 0).Select(static one => Math.Max(0, one.StoppedAt - one.FirstAt) / 1000.0).Order()];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {Money(scores.Sum(static one => one.Lost))} | {Saved(scores):0.00} % | {100 * scores.Average(Share):0.0} % | {scores.Count(static one => one.StoppedAt == 0)} | {At(seconds, .5)} | {At(seconds, .9)} | {honest.Average(static score => score.FalsePerThousand):0.000} | {honest.Sum(static score => score.FalseCalls) * 1e6 / honest.Sum(static score => score.Calls):N0} |");
        }

        text.AppendLine().AppendLine("By shape: money that nobody's site loses, an attack; and of it what each defence saves.").AppendLine();
        text.AppendLine($"| attack | as told by | undefended | {string.Join(" | ", _all.Select(static one => one.Name))} | seconds to the first stop, ours |");
        text.AppendLine($"|---|---|---|{string.Concat(_all.Select(static _ => "---|"))}---|");
        foreach (var (shape, told, _) in AttackShapes.All)
        {
            AttackScore[] Of(List<FraudScore> of) => [.. of.SelectMany(static score => score.Attacks).Where(one => one.Shape == shape)];
            double[] seconds = [.. Of(_all[0].Attacked).Where(static one => one.StoppedAt > 0).Select(static one => Math.Max(0, one.StoppedAt - one.FirstAt) / 1000.0).Order()];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {shape} | {told} | {Money((long)Of(_nobody).Average(static one => one.Lost))} | {string.Join(" | ", _all.Select(one => string.Create(CultureInfo.InvariantCulture, $"{Saved(Of(one.Attacked)):0.0} %")))} | {At(seconds, .5)} |");
        }

        foreach (var (name, _, honest, attacked) in why ? _all : [])
        {
            text.AppendLine().AppendLine(name);
            foreach (var group in honest.SelectMany(static score => score.FalseStops).GroupBy(static one => one.Key).OrderByDescending(static group => group.Sum(static one => one.Value)))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  false stops by {group.Key}: {group.Sum(static one => one.Value)}");
            }

            string[] examples = [.. honest.SelectMany(static score => score.Examples)];
            foreach (var example in examples.Where((_, at) => at % Math.Max(1, examples.Length / 60) == 0))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    {example}");
            }

            foreach (var one in attacked.SelectMany(static score => score.Attacks).OrderBy(static one => one.Shape, StringComparer.Ordinal))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {one.Shape}: lost {Money(one.Lost)} of {Money(one.Undefended)}, {Money(one.LostBefore)} before the first stop; {string.Join(", ", one.StoppedBy.OrderByDescending(static by => by.Value).Select(static by => $"{by.Key} {by.Value}"))}");
            }
        }

        return text.ToString();
    }

    private static double Share(AttackScore one) => one.Undefended == 0 ? 1 : 1 - Math.Min(1, one.Lost / (double)one.Undefended);

    private static double Saved(IReadOnlyCollection<AttackScore> scores) => 100 * (1 - (scores.Sum(static one => one.Lost) / (double)Math.Max(1, scores.Sum(static one => one.Undefended))));

    private static string At(double[] sorted, double share) => sorted.Length == 0 ? "-" : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))].ToString("N0", CultureInfo.InvariantCulture);

    private static string Money(long millionths) => (millionths / (double)Rate.Unit).ToString("N0", CultureInfo.InvariantCulture);
}
