namespace Ringfence.Bench.Logs;

/// <summary>Lines of Asterisk 22's security and notice levels.</summary>
/// <remarks>Shapes as a real Asterisk 22 writes them (res_security_log.c; res_pjsip/pjsip_distributor.c, log_failed_request).</remarks>
internal sealed class LogLines(LineWriter to, SplitMix random)
{
    public LogClock Clock { get; } = new();

    public void ChallengeSent(Peer peer, ReadOnlySpan<byte> account)
    {
        Security(peer, account, "ChallengeSent"u8, 1, "Informational"u8).Text(",Challenge=\""u8);
        Nonce().Text("\""u8).EndLine();
    }

    public void SuccessfulAuth(Peer peer, ReadOnlySpan<byte> account) =>
        Security(peer, account, "SuccessfulAuth"u8, 1, "Informational"u8).Text(",UsingPassword=\"1\""u8).EndLine();

    public void InvalidAccount(Peer peer, ReadOnlySpan<byte> account) => Security(peer, account, "InvalidAccountID"u8, 1, "Error"u8).EndLine();

    public void ChallengeResponseFailed(Peer peer, ReadOnlySpan<byte> account)
    {
        Security(peer, account, "ChallengeResponseFailed"u8, 1, "Error"u8).Text(",Challenge=\""u8);
        Nonce().Text("\",Response=\""u8).Hex(32, random).Text("\",ExpectedResponse=\"\""u8).EndLine();
    }

    public void InvalidPassword(Peer peer, ReadOnlySpan<byte> account) => Security(peer, account, "InvalidPassword"u8, 2, "Error"u8)
        .Text(",Challenge=\""u8).Hex(8, random).Text("\",ReceivedChallenge=\""u8).Hex(8, random).Text("\",ReceivedHash=\""u8).Hex(32, random)
        .Text("\""u8).EndLine();

    public void FailedAcl(Peer peer, ReadOnlySpan<byte> account) => Security(peer, account, "FailedACL"u8, 1, "Error"u8)
        .Text(",ACLName=\"registrar_attempt_without_configured_aors\""u8).EndLine();

    /// <param name="isConsole">The form with line and function, as on the console and with verbose file formats.</param>
    public void Notice(Peer peer, ReadOnlySpan<byte> account, ReadOnlySpan<byte> method, ReadOnlySpan<byte> why, bool isConsole)
    {
        to.Text("["u8).Text(Clock.Stamp).Text("] NOTICE["u8).Number(Thread())
            .Text(isConsole ? "]: res_pjsip/pjsip_distributor.c:688 log_failed_request: "u8 : "] res_pjsip/pjsip_distributor.c: "u8)
            .Text("Request '"u8).Text(method).Text("' from '\""u8).Text(account).Text("\" <sip:"u8).Text(account).Text("@10.0.0.1>' failed for '"u8);
        (peer.IsIPv4 ? to.Text(peer.Text) : to.Text("["u8).Text(peer.Text).Text("]"u8)).Text(":"u8).Number(Port())
            .Text("' (callid: "u8).CallId(random).Text(") - "u8).Text(why).EndLine();
    }

    private LineWriter Security(Peer peer, ReadOnlySpan<byte> account, ReadOnlySpan<byte> name, int version, ReadOnlySpan<byte> severity)
    {
        var family = peer.IsIPv4 ? "IPV4/"u8 : "IPV6/"u8;
        var local = peer.IsIPv4 ? "/10.0.0.1/"u8 : "/2001:db8:1::1/"u8;
        var transport = random.Below(100) switch { < 90 => "UDP"u8, < 96 => "TCP"u8, _ => "TLS"u8 };
        return to.Text("["u8).Text(Clock.Stamp).Text("] SECURITY["u8).Number(Thread()).Text("] res_security_log.c: SecurityEvent=\""u8).Text(name)
            .Text("\",EventTV=\""u8).Text(Clock.Iso).Text("."u8).Digits3(Clock.Millisecond).Text("+0000\",Severity=\""u8).Text(severity)
            .Text("\",Service=\"PJSIP\",EventVersion=\""u8).Number(version).Text("\",AccountID=\""u8).Text(account)
            .Text("\",SessionID=\""u8).CallId(random)
            .Text("\",LocalAddress=\""u8).Text(family).Text(transport).Text(local).Number(transport[1] == 'L' ? 5061 : 5060)
            .Text("\",RemoteAddress=\""u8).Text(family).Text(transport).Text("/"u8).Text(peer.Text).Text("/"u8).Number(Port()).Text("\""u8);
    }

    // A nonce of res_pjsip_authenticator_digest: the time, a slash, a hash.
    private LineWriter Nonce() => to.Number(Clock.Second).Text("/"u8).Hex(32, random);

    private int Thread() => 1200 + random.Below(40);

    private int Port() => 1024 + random.Below(64_000);
}
