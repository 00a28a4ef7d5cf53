using System.Globalization;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>How long it takes to try every password of a kind against a PBX that nothing protects.</summary>
internal static class GuessTime
{
    /// <summary>
    /// Wrong passwords that one core of an Asterisk answers in a second: 0.26 ms each, measured on 22.10.1. No limit is counted in: whoever forges UDP sources
    /// or has many addresses meets none of those that count by address.
    /// </summary>
    public const double PerSecond = 3_800;

    /// <summary>Passwords are changed seldom, and guessers have more than one core to ask.</summary>
    public static readonly TimeSpan LongEnough = TimeSpan.FromDays(36_525);

    /// <summary>What is tried within years is found by whoever wants this PBX; guessers have many addresses and many cores to ask.</summary>
    public static readonly TimeSpan SoonTried = TimeSpan.FromDays(3_652);

    /// <summary>What guessers begin with.</summary>
    public static readonly TimeSpan FirstTried = TimeSpan.FromDays(1);

    /// <summary>"27 years", "3 days", "less than an hour".</summary>
    public static string Shown(TimeSpan time) => time.TotalDays switch
    {
        >= 730 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays / 365.25:N0} years"),
        >= 2 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:N0} days"),
        >= 1 / 12.0 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:N0} hours"),
        _ => "less than two hours",
    };

    /// <returns>At most <see cref="TimeSpan.MaxValue"/>.</returns>
    public static TimeSpan Of(string password) => Of(Bits(password));

    /// <param name="bits">The kind has two to the power of that many passwords.</param>
    public static TimeSpan Of(double bits)
    {
        var seconds = Math.Pow(2, bits) / PerSecond;
        return seconds >= TimeSpan.MaxValue.TotalSeconds ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);
    }

    /// <summary>For each character that does not follow from those before it, as many bits as its alphabet has; what follows from others counts one bit.</summary>
    public static double Bits(string password)
    {
        var alphabet = 0;
        alphabet += password.Any(char.IsAsciiDigit) ? 10 : 0;
        alphabet += password.Any(char.IsAsciiLetterLower) ? 26 : 0;
        alphabet += password.Any(char.IsAsciiLetterUpper) ? 26 : 0;
        alphabet += password.Any(static c => !char.IsAsciiLetterOrDigit(c)) ? 33 : 0;
        var predictable = PasswordRuns.Predictable(password);
        return ((password.Length - predictable) * Math.Log2(Math.Max(alphabet, 2))) + predictable;
    }
}
