namespace Ringfence.Core.Sip;

/// <summary>Tools that attackers use, by what they write into every request: names they give themselves, and habits that stay when the name is changed.</summary>
/// <remarks>
/// What each looks like stands in fingerprints.conf, which is built in, and in the operator's own file. A match is no proof of bad intent by itself, and a
/// User-Agent is easily forged: see the rule for what it takes. Asked of every request, and most are a phone's: three bytes choose the few fingerprints that
/// could match, and nothing is allocated.
/// </remarks>
internal sealed class Fingerprints
{
    private const int Bytes = 128;

    private static readonly Lazy<Fingerprints> Shipped = new(FingerprintFile.BuiltIn);

    // By how the User-Agent begins, in lower case.
    private readonly Fingerprint[][] _byAgent;

    // Habits alone, by what follows the cookie of RFC 3261 in the branch: a byte, or a hyphen and a byte; one place more for branches that have no such thing.
    private readonly Fingerprint[][] _byBranch;

    public Fingerprints(IReadOnlyList<Fingerprint> all)
    {
        Count = all.Count;
        AgentsAlone = [.. all.Where(static print => print.Conditions.Length == 1).SelectMany(static print => print.Agents).Where(static agent => agent.IsBeginning).Select(static agent => System.Text.Encoding.ASCII.GetString(agent.Beginning))];
        _byAgent = [.. Enumerable.Range(0, Bytes).Select(first => all.Where(print => print.Agents.Any(agent => agent.Beginning[0] == first)).ToArray())];
        var habits = all.Where(print => print.Agents.Count == 0).ToList();
        _byBranch =
        [
            .. Enumerable.Range(0, Bytes).Select(next => habits.Where(print => CanBegin(print, [.. Cookie, (byte)next])).ToArray()),
            .. Enumerable.Range(0, Bytes).Select(next => habits.Where(print => CanBegin(print, [.. Cookie, (byte)'-', (byte)next])).ToArray()),
            [.. habits],
        ];
    }

    /// <summary>Those that the program brings.</summary>
    public static Fingerprints BuiltIn => Shipped.Value;

    public int Count { get; }

    /// <summary>With what User-Agents begin that tell a tool by themselves.</summary>
    public IReadOnlyList<string> AgentsAlone { get; }

    private static ReadOnlySpan<byte> Cookie => "z9hG4bK"u8;

    /// <param name="message">The request as it came.</param>
    /// <returns>The tool's name, ASCII; empty: the request looks like none.</returns>
    public ReadOnlySpan<byte> Find(scoped in SipMessage request, ReadOnlySpan<byte> message)
    {
        var branch = SipParameter.First(request.Via, "branch="u8);
        var agents = request.UserAgent is [< Bytes and var first, ..] ? _byAgent[first is >= (byte)'A' and <= (byte)'Z' ? first | 0x20 : first] : [];
        foreach (var print in agents)
        {
            if (print.Matches(request, message, branch))
            {
                return print.Name;
            }
        }

        foreach (var print in _byBranch[PlaceOf(branch)])
        {
            if (print.Matches(request, message, branch))
            {
                return print.Name;
            }
        }

        return default;
    }

    private static int PlaceOf(ReadOnlySpan<byte> branch)
    {
        if (branch.Length < Cookie.Length + 2 || !branch.StartsWith(Cookie))
        {
            return 2 * Bytes;
        }

        var (next, second) = (branch[Cookie.Length], branch[Cookie.Length + 1]);
        return next == '-' && second < Bytes ? Bytes + second : next < Bytes ? next : 2 * Bytes;
    }

    private static bool CanBegin(Fingerprint print, ReadOnlySpan<byte> branch)
    {
        foreach (var condition in print.Conditions)
        {
            if (condition.Part == FingerprintPart.Branch && !condition.CanBegin(branch))
            {
                return false;
            }
        }

        return true;
    }
}
