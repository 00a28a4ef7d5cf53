namespace Ringfence.Tests.Detection;

/// <summary>Lines of logs at a number of seconds after 2026-11-20 12:00 UTC.</summary>
internal static class Attempts
{
    public const string Stranger = "198.51.100.7";

    public static string WrongPassword(double second, string source = Stranger, string account = "1001", string transport = "UDP") =>
        Record("ChallengeResponseFailed", second, source, account, transport, ",Challenge=\"1795219113/6394\",Response=\"c059\",ExpectedResponse=\"\"");

    /// <summary>The same attempt as <see cref="WrongPassword"/>, as the manager interface tells it.</summary>
    public static string WrongPasswordOnAmi(double second, string source = Stranger, string account = "1001", string transport = "UDP") =>
        $"Event: ChallengeResponseFailed\r\nPrivilege: security,all\r\nEventTV: {Time(second):yyyy-MM-ddTHH:mm:ss.fff}+0000\r\nSeverity: Error\r\nService: PJSIP\r\nEventVersion: 1\r\nAccountID: {account}\r\nSessionID: {second}@lab\r\n"
        + $"LocalAddress: IPV4/{transport}/10.99.0.1/5060\r\nRemoteAddress: IPV4/{transport}/{source}/5060\r\nChallenge: 1795219113/6394\r\nResponse: c059\r\nExpectedResponse: \r\n\r\n";

    public static string UnknownAccount(double second, string source = Stranger, string account = "5555", string transport = "UDP") =>
        Record("InvalidAccountID", second, source, account, transport);

    public static string Challenge(double second, string source = Stranger, string account = "1001") => Record("ChallengeSent", second, source, account, "UDP", ",Challenge=\"\"");

    public static string Login(double second, string source = Stranger, string account = "1001") => Record("SuccessfulAuth", second, source, account, "UDP", ",UsingPassword=\"1\"");

    public static string AcceptedByAddress(double second, string source = Stranger) => Record("SuccessfulAuth", second, source, "trunk-ip", "UDP", ",UsingPassword=\"0\"");

    public static string Acl(double second, string acl = "not_match_endpoint_acl", string source = Stranger) => Record("FailedACL", second, source, "1006", "UDP", $",ACLName=\"{acl}\"");

    public static string UnknownAnswer(double second, string source = Stranger) =>
        Record("ChallengeResponseFailed", second, source, "<unknown>", "UDP", ",Challenge=\"1795219113/6394\",Response=\"c059\",ExpectedResponse=\"\"");

    public static string Notice(double second, string reason, string session, string source = Stranger, string account = "5555") =>
        $"[{Time(second):yyyy-MM-dd HH:mm:ss.fff}] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:{account}@10.99.0.1>' failed for '{source}:5060' (callid: {session}) - {reason}\n";

    public static string Call(double second, string number, string account = "anonymous", string source = Stranger) =>
        $"[{Time(second):yyyy-MM-dd HH:mm:ss.fff}] NOTICE[1] res_pjsip_session.c:  {account}: Call (UDP:{source}:5060) to extension '{number}' rejected because extension not found in context 'public'.\n";

    public static string Many(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(line));

    public static DateTimeOffset Time(double second) => new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero).AddSeconds(second);

    private static string Record(string name, double second, string source, string account, string transport, string tail = "")
    {
        var family = source.Contains(':', StringComparison.Ordinal) ? "IPV6" : "IPV4";
        return $"[{Time(second):yyyy-MM-dd HH:mm:ss.fff}] SECURITY[1] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"{Time(second):yyyy-MM-ddTHH:mm:ss.fff}+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\","
            + $"AccountID=\"{account}\",SessionID=\"{second}@lab\",LocalAddress=\"{family}/{transport}/{(family == "IPV6" ? "2001:db8::1" : "10.99.0.1")}/5060\",RemoteAddress=\"{family}/{transport}/{source}/5060\"{tail}\n";
    }
}
