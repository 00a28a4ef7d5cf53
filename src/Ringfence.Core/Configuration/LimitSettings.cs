using System.Globalization;
using Ringfence.Core.Fraud;

namespace Ringfence.Core.Configuration;

/// <summary>One [limit NAME] of ringfence.conf: what it changes of the default limit of that name, or a limit of its own.</summary>
internal sealed record LimitSettings
{
    /// <summary>The level that is none.</summary>
    public const string None = "none";

    public required string Name { get; init; }

    public bool IsEnabled { get; init; } = true;

    /// <summary>Id; null: the default limit's.</summary>
    public string? Rule { get; init; }

    public LimitScope? Scope { get; init; }

    public TimeSpan? Window { get; init; }

    /// <summary>As it was written: what it is counted in the rule says.</summary>
    public string? Warning { get; init; }

    public string? Critical { get; init; }

    public BrakeAction? Action { get; init; }

    public TimeSpan? For { get; init; }

    /// <summary>Hundredths.</summary>
    public int? Earns { get; init; }

    public LimitHours? Hours { get; init; }

    public bool? SparesKnown { get; init; }

    /// <summary>Changes the filter that it begins with.</summary>
    public Func<CallFilter, CallFilter>? Calls { get; init; }

    /// <param name="euro">In the site's money, in millionths.</param>
    /// <returns>The limit, or what is wrong; neither where it is turned off.</returns>
    public (CallLimit? Limit, string? Wrong) Resolve(long euro)
    {
        var known = CallRules.All.SelectMany(rule => rule.Limits.Where(limit => limit.Name == Name).Select(limit => limit.In(euro, rule.Unit))).FirstOrDefault();
        if (known is null && Rule is null)
        {
            string[] names = [.. CallRules.All.SelectMany(static one => one.Limits).Select(static limit => limit.Name)];
            return (null, "has no rule, and is none of the default policy: " + (NearestName.Of(Name, names) is { } near
                ? $"did you mean [limit {near}]? A limit of one's own has rule = NAME (`ringfence rules`)"
                : $"expected rule = NAME (`ringfence rules`), or one of {string.Join(", ", names)}"));
        }

        var rule = CallRules.All.First(rule => rule.Id == (Rule ?? known!.Rule));
        var begun = known is not null && known.Rule == rule.Id ? known
            : new CallLimit { Name = Name, Rule = rule.Id, Scope = LimitScope.Extension, Window = rule.Limits[0].Window, Action = rule.Limits[0].Action, Euro = euro };
        if (begun != known && Warning is null && Critical is null && IsEnabled)
        {
            return (null, "has neither warning nor critical: expected one of them");
        }

        if (Level(Warning, begun.Warning, rule.Unit, out var warning) is { } wrongWarning)
        {
            return (null, $"has warning = {Pbx.Shown.Text(Warning!)}: {wrongWarning}");
        }

        if (Level(Critical, begun.Critical, rule.Unit, out var critical) is { } wrongCritical)
        {
            return (null, $"has critical = {Pbx.Shown.Text(Critical!)}: {wrongCritical}");
        }

        if (warning > critical)
        {
            return (null, $"warns at {Warning ?? ByDefault(warning, rule.Unit)} and stops at {Critical ?? ByDefault(critical, rule.Unit)}: expected warning to be no more than critical, or none");
        }

        if (critical > rule.Most || warning > rule.Most)
        {
            return (null, $"has {(critical > rule.Most ? "critical" : "warning")} = {(critical > rule.Most ? Critical : Warning)}: {rule.Name} counts no further than {rule.Most}: expected that at most, or none");
        }

        if (!rule.Scopes.Contains(Scope ?? begun.Scope))
        {
            return (null, $"is for {LimitKeys.NameOf(Scope ?? begun.Scope)}{(Scope is null ? " (its default)" : "")}: what {rule.Name} hears of is no {LimitKeys.NameOf(Scope ?? begun.Scope)}'s; expected for = {string.Join(" or ", rule.Scopes.Select(LimitKeys.NameOf))}");
        }

        if (Window is not null && rule.HasOwnWindow)
        {
            return (null, $"has a window, and {rule.Name} has its own: expected none");
        }

        if (Window is not null && begun.Window == 0)
        {
            return (null, $"has a window, and {rule.Name} counts over none: expected none");
        }

        return !IsEnabled ? (null, null) : (begun with
        {
            Scope = Scope ?? begun.Scope,
            Window = (long?)Window?.TotalMilliseconds ?? begun.Window,
            Warning = warning,
            Critical = critical,
            Action = Action ?? begun.Action,
            For = (long?)For?.TotalMilliseconds ?? begun.For,
            Earns = Earns ?? begun.Earns,
            Hours = Hours ?? begun.Hours,
            SparesKnown = SparesKnown ?? begun.SparesKnown,
            Calls = Calls?.Invoke(begun.Calls) ?? begun.Calls,
        }, null);
    }

    private static string ByDefault(long? level, LimitUnit unit) => unit switch
    {
        LimitUnit.Money => Number(Numbers.Rate.Amount(level ?? 0)),
        LimitUnit.Ratio => Number(level / 100m),
        LimitUnit.Time => Duration.Words(TimeSpan.FromMilliseconds(level ?? 0)),
        _ => Number(level),
    } + " (its default)";

    private static string Number(decimal? value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}");

    // null: it is one.
    private static string? Level(string? text, long? begun, LimitUnit unit, out long? level)
    {
        level = begun;
        if (text is null)
        {
            return null;
        }

        if (text == None)
        {
            level = null;
            return null;
        }

        level = unit switch
        {
            LimitUnit.Money => Decimal(text, Numbers.Rate.Unit),
            LimitUnit.Ratio => Decimal(text, 100),
            LimitUnit.Time => (long?)Duration.Parse(text)?.TotalMilliseconds,
            _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
        };
        return level > 0 ? null : unit switch
        {
            LimitUnit.Money => "expected an amount such as 20 or 12.50, or none",
            LimitUnit.Ratio => "expected how many times what is usual, such as 5 or 2.5, or none",
            LimitUnit.Time => "expected a duration such as 2h, or none",
            _ => "expected a number from 1, or none",
        };
    }

    private static long? Decimal(string text, long unit) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= 1_000_000_000 ? (long)(amount * unit) : null;
}
