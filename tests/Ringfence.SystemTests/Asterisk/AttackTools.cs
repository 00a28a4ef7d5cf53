namespace Ringfence.SystemTests.Asterisk;

/// <summary>The tools that attackers use, and sipp as a phone, each with its arguments and bounded in time.</summary>
internal static class AttackTools
{
    private const int MostRuns = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(90);

    // Milliseconds for an answer, seconds for all: a call must succeed, an attack is met with silence.
    private static readonly (string Answer, string All) CallTimes = ("20000", "60");
    private static readonly (string Answer, string All) AttackTimes = ("3000", "10");

    /// <summary>Runs a tool again and again until it has done enough: a run is short, and on a busy machine may end before it began to attack.</summary>
    /// <returns>Whether it has.</returns>
    public static async Task<bool> UntilAsync(AsteriskLab lab, string tool, string source, Func<Task<bool>> isEnough, CancellationToken stop)
    {
        for (var run = 0; run < MostRuns; run++)
        {
            await RunAsync(lab, tool, source, stop);
            if (await Eventually.WithinAsync(isEnough, Limit, stop))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs a tool until the kernel bans its address.</summary>
    public static Task<bool> UntilBannedAsync(AsteriskLab lab, GuardProcess guard, string tool, string source, CancellationToken stop)
        => UntilAsync(lab, tool, source, () => guard.HasBannedAsync(source, stop), stop);

    /// <summary>One run of a tool, from an attacker's address. It may not end by itself: a scanner that gets no answer waits.</summary>
    public static Task<ToolRun> RunAsync(AsteriskLab lab, string tool, string source, CancellationToken stop)
    {
        var isIPv6 = source.Contains(':', StringComparison.Ordinal);
        var pbx = isIPv6 ? AsteriskLab.World6 : AsteriskLab.World;
        string[] family = isIPv6 ? ["-6"] : [];
        IReadOnlyList<string> command = tool switch
        {
            // Asterisk answers known and unknown names alike, so svwar gives up after the first few: INVITE gives it most to do.
            "svwar" => ["svwar", .. family, "-m", "INVITE", "-e", "2000-2020", pbx],
            "svcrack" => ["svcrack", .. family, "-u", "1002", "-r", "1000-1060", pbx],
            "svmap" => ["svmap", .. family, pbx],
            "sipsak" => ["sipsak", "-U", "-s", $"sip:nobody@{pbx}"],
            "sipp" => Sipp("wrong-password.xml", "1001", "wrong", source, isIPv6 ? $"[{pbx}]:5060" : pbx, "u1", AttackTimes, "-m", "8", "-r", "50"),
            _ => throw new ArgumentException($"no such tool: {tool}", nameof(tool)),
        };
        return lab.AttackAsync(source, command, Limit, stop);
    }

    /// <summary>A phone registers, calls the echo test and hangs up.</summary>
    /// <param name="transport">As sipp names it: u1 UDP, t1 TCP.</param>
    public static async Task<ToolRun> CallAsync(AsteriskLab lab, string account, string source, string transport, CancellationToken stop)
    {
        var pbx = source.Contains(':', StringComparison.Ordinal) ? $"[{AsteriskLab.Office6}]:5060" : AsteriskLab.Office;
        var call = await CallOnceAsync();

        // A connection that ends before the first message (seen once in some hundred runs, both sides in load): a phone connects again, sipp gives up.
        return call.ExitCode != 0 && call.Errors.Contains("Broken pipe on TCP connection", StringComparison.Ordinal) ? await CallOnceAsync() : call;

        Task<ToolRun> CallOnceAsync() => lab.RunAsync(
            "cli",
            Sipp("call.xml", account, AsteriskLab.PasswordOf(account), source, pbx, transport, CallTimes, "-s", "600", "-m", "1"),
            CallLimit,
            stop);
    }

    /// <summary>The provider brings a call.</summary>
    public static Task<ToolRun> TrunkCallAsync(AsteriskLab lab, CancellationToken stop) => lab.RunAsync(
        "att",
        Sipp("trunk-call.xml", "trunk", "", AsteriskLab.TrunkByAddress, AsteriskLab.World, "u1", CallTimes, "-s", "100", "-m", "1", "-p", "5060"),
        CallLimit,
        stop);

    private static string[] Sipp(
        string scenario, string account, string password, string source, string pbx, string transport, (string Answer, string All) limits, params string[] more) =>
    [
        "sipp", "-sf", Repository.File("lab", "sipp", scenario), "-key", "user", account, "-au", account, "-ap", password,
        "-i", source, "-t", transport, "-nostdin", "-timeout", limits.All, "-timeout_error", "-recv_timeout", limits.Answer, .. more, pbx,
    ];
}
