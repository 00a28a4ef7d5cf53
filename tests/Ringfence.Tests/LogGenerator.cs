using System.Text;

namespace Ringfence.Tests;

/// <summary>Security logs of a PBX under attack, as much as wanted: the same numbers give the same bytes.</summary>
/// <remarks>
/// Attackers come in bursts: they begin anywhere in the span, try every 0.2 to 4 s, most a few times, some very often. Phones log in
/// steadily all the time. Attackers live in 198.18.0.0/15 and 2001:db8:a::/48, phones in 192.0.2.0/24, so a test knows an innocent
/// by its address.
/// </remarks>
internal sealed record LogGenerator
{
    public int Lines { get; init; } = 10_000;

    public int Attackers { get; init; } = 200;

    public int Phones { get; init; } = 50;

    /// <summary>Share of the lines that are failures of attackers.</summary>
    public double AttackShare { get; init; } = 0.6;

    /// <summary>Share of the attackers that come over IPv6.</summary>
    public double IPv6Share { get; init; } = 0.02;

    /// <summary>Share of the failures that stand as NOTICE lines.</summary>
    public double NoticeShare { get; init; } = 0.15;

    public DateTimeOffset Start { get; init; } = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    public TimeSpan Span { get; init; } = TimeSpan.FromHours(1);

    public int Seed { get; init; } = 42;

    public static bool IsAttacker(string address) => address.StartsWith("198.18.", StringComparison.Ordinal) || address.StartsWith("198.19.", StringComparison.Ordinal)
        || address.StartsWith("2001:db8:a:", StringComparison.Ordinal);

    public byte[] Write()
    {
        var random = new Random(Seed);
        var attackers = Addresses(random);
        var log = new StringBuilder(Lines * 400);
        foreach (var moment in Moments(random).OrderBy(moment => moment.Seconds))
        {
            var time = Start + TimeSpan.FromMilliseconds(Math.Floor(moment.Seconds * 1000));
            var address = moment.Kind == Kind.Phone ? $"192.0.2.{1 + (moment.Who % 250)}" : attackers[moment.Who];
            var account = moment.Kind == Kind.Phone ? $"{1000 + moment.Who}" : random.NextDouble() < 0.8 ? $"{100 + random.Next(9000)}" : Names[random.Next(Names.Length)];
            log.Append('[').Append(time.ToString("yyyy-MM-dd HH:mm:ss")).Append("] ").Append(Line(random, moment.Kind, time, address, account)).Append('\n');
        }

        return Encoding.Latin1.GetBytes(log.ToString());
    }

    private static readonly string[] Names = ["admin", "test", "guest", "asterisk", "pbx", "voip", "sip", "user", "root", "operator", "trunk", "fax"];

    private string Line(Random random, Kind kind, DateTimeOffset time, string address, string account)
    {
        var isIPv6 = address.Contains(':', StringComparison.Ordinal);
        var transport = random.NextDouble() < 0.9 ? "UDP" : random.NextDouble() < 0.6 ? "TCP" : "TLS";
        var port = 1024 + random.Next(64_000);
        var thread = 1200 + random.Next(40);
        var session = $"{random.NextInt64():x}@{random.Next(1_000_000_000)}";
        if (kind == Kind.Failure && random.NextDouble() < NoticeShare)
        {
            var hostPort = isIPv6 ? $"[{address}]:{port}" : $"{address}:{port}";
            var reason = random.NextDouble() < 0.8 ? "No matching endpoint found" : "Failed to authenticate";
            var module = random.Next(2) == 0 ? $"NOTICE[{thread}] res_pjsip/pjsip_distributor.c" : $"NOTICE[{thread}]: res_pjsip/pjsip_distributor.c:688 log_failed_request";
            return $"{module}: Request 'REGISTER' from '\"{account}\" <sip:{account}@10.0.0.1>' failed for '{hostPort}' (callid: {session}) - {reason}";
        }

        var family = isIPv6 ? "IPV6" : "IPV4";
        var answer = $",Challenge=\"{time.ToUnixTimeSeconds()}/{random.NextInt64():x}\",Response=\"{random.NextInt64():x}\",ExpectedResponse=\"\"";
        var (name, tail) = (kind, random.NextDouble()) switch
        {
            (Kind.Failure, < 0.5) => ("InvalidAccountID", ""),
            (Kind.Failure, < 0.9) => ("ChallengeResponseFailed", answer),
            (Kind.Failure, _) => ("FailedACL", ",ACLName=\"not_match_endpoint_acl\""),
            (Kind.Challenge, _) or (_, < 0.5) => ("ChallengeSent", ",Challenge=\"\""),
            (_, < 0.99) => ("SuccessfulAuth", ",UsingPassword=\"1\""),
            _ => ("ChallengeResponseFailed", answer),
        };
        return $"SECURITY[{thread}] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"{time:yyyy-MM-ddTHH:mm:ss.fff}+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{account}\","
            + $"SessionID=\"{session}\",LocalAddress=\"{family}/{transport}/{(isIPv6 ? "2001:db8:1::1" : "10.0.0.1")}/5060\",RemoteAddress=\"{family}/{transport}/{address}/{port}\"{tail}";
    }

    private List<string> Addresses(Random random)
    {
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        while (addresses.Count < Attackers)
        {
            addresses.Add(addresses.Count < Attackers * IPv6Share
                ? $"2001:db8:a:{random.Next(1, 65_536):x}::{addresses.Count + 1:x}"
                : $"198.{18 + random.Next(2)}.{random.Next(256)}.{random.Next(256)}");
        }

        return [.. addresses.Order(StringComparer.Ordinal)];
    }

    private IEnumerable<Moment> Moments(Random random)
    {
        var failures = (int)(Lines * AttackShare);
        var challenges = (Lines - failures) / 4;
        for (var made = 0; made < failures;)
        {
            // Pareto: many with one or two tries, a few with sixty.
            var tries = Math.Min((int)Math.Min(60, Math.Pow(1 - random.NextDouble(), -1 / 1.3)), failures - made);
            var (who, start, gap) = (random.Next(Attackers), random.NextDouble() * Span.TotalSeconds, 0.2 + (random.NextDouble() * 3.8));
            for (var i = 0; i < tries; i++)
            {
                yield return new Moment((start + (i * gap)) % Span.TotalSeconds, who, Kind.Failure);
            }

            made += tries;
        }

        for (var i = failures; i < Lines; i++)
        {
            yield return i < failures + challenges
                ? new Moment(random.NextDouble() * Span.TotalSeconds, random.Next(Attackers), Kind.Challenge)
                : new Moment(random.NextDouble() * Span.TotalSeconds, random.Next(Phones), Kind.Phone);
        }
    }

    private enum Kind
    {
        Failure,
        Challenge,
        Phone,
    }

    private readonly record struct Moment(double Seconds, int Who, Kind Kind);
}
