using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>
/// What hardening guides print, in a real Asterisk: it does not do what they say, a rule finds it, and the rule's own edits, loaded in the same Asterisk, do it.
/// The guides' networks and certificates are the laboratory's here.
/// </summary>
public sealed class GuideConfigurationTests : MendedConfiguration
{
    private const string Certificate = """
        cert_file=/lab/etc/tls/pbx.crt
        priv_key_file=/lab/etc/tls/pbx.key
        """;

    private const string Stranger = "198.51.100.7";
    private const string Password = "Guide-Xk9mP2vL8qR5w";

    [Fact]
    public async Task The_guides_access_list_shuts_the_provider_out_and_mended_it_holds_for_its_phone_alone()
    {
        // A guide's "restrict endpoints by IP", with the laboratory's office as the network that is permitted, and a provider beside it.
        Write($"""
            [udp]
            type=transport
            protocol=udp
            bind=0.0.0.0:5060

            [1001]
            type=endpoint
            context=phones
            disallow=all
            allow=ulaw,alaw
            auth=1001-auth
            aors=1001

            [1001-auth]
            type=auth
            auth_type=userpass
            username=1001
            password={Password}

            [1001-aor]
            type=aor
            max_contacts=1
            ; Only allow registration from office subnet
            contact_acl=office-acl

            [office-acl]
            type=acl
            deny=0.0.0.0/0.0.0.0
            permit=10.81.0.0/24

            [provider]
            type=endpoint
            context=trunks
            disallow=all
            allow=ulaw
            identify_by=ip
            [provider]
            type=identify
            endpoint=provider
            match=203.0.113.10
            """);

        await using (var lab = await StartAsync())
        {
            using var provider = lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp);
            using var phone = lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Udp);

            Assert.Equal(403, (await provider.AskAsync(new SipRequest("INVITE", "0401") { Target = "600" }, Stop))?.Status);
            Assert.NotEqual(200, (await phone.RegisterAsync("1001", Password, Stop))?.Status);
        }

        // Each step shows the next: the AOR's name, the list in the wrong place, the list that is held against what the phone writes.
        Mend("RF1014");
        Mend("RF1101", "RF1112");
        Mend("RF1007");

        await using (var lab = await StartAsync())
        {
            using var provider = lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp);
            using var phone = lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Udp);
            using var thief = lab.Attack(Stranger, SipTransport.Udp);

            Assert.Equal(200, (await provider.AskAsync(new SipRequest("INVITE", "0401") { Target = "600" }, Stop))?.Status);
            Assert.Equal(200, (await phone.RegisterAsync("1001", Password, Stop))?.Status);
            Assert.Equal(401, (await thief.RegisterAsync("1001", Password, Stop))?.Status);
        }
    }

    [Fact]
    public async Task The_guides_TLS_keeps_1_3_out_and_UDP_in_and_mended_it_speaks_1_2_and_1_3_and_no_UDP()
    {
        // A guide's transports and its "enable SRTP on endpoints".
        Write($"""
            [transport-udp]
            type=transport
            protocol=udp
            bind=0.0.0.0:5060

            [transport-tls]
            type=transport
            protocol=tls
            bind=0.0.0.0:5061
            {Certificate}
            ; Require TLS 1.2 minimum
            method=tlsv1_2

            [1001]
            type=endpoint
            context=phones
            transport=transport-tls
            disallow=all
            allow=ulaw,alaw
            auth=1001-auth
            aors=1001
            ; Require SRTP for media encryption
            media_encryption=sdes
            ; Force TLS - reject unencrypted connections
            media_encryption_optimistic=no

            [1001-auth]
            type=auth
            auth_type=userpass
            username=1001
            password={Password}

            [1001]
            type=aor
            max_contacts=1
            """);

        await using (var lab = await StartAsync())
        {
            using var phone = lab.PhoneAt(AsteriskLab.Phone(12), SipTransport.Udp);

            Assert.Equal(["1.2"], await TlsVersionsAsync(lab));
            Assert.Equal(200, (await phone.RegisterAsync("1001", Password, Stop))?.Status);
        }

        Mend("RF1040", "RF1042", "RF1016");

        await using (var lab = await StartAsync())
        {
            using var clear = lab.PhoneAt(AsteriskLab.Phone(12), SipTransport.Udp);
            using var phone = lab.PhoneAt(AsteriskLab.Phone(13), SipTransport.Tls);
            using var again = lab.PhoneAt(AsteriskLab.Phone(14), SipTransport.Tls);

            Assert.Equal(["1.2", "1.3"], await TlsVersionsAsync(lab));
            Assert.False(await clear.IsAnsweredAsync(Stop));
            Assert.Equal(200, (await phone.RegisterAsync("1001", Password, Stop))?.Status);
            Assert.Equal(200, (await again.RegisterAsync("1001", Password, Stop))?.Status);
        }
    }

    [Fact]
    public async Task Without_a_method_TLS_is_1_0_alone_and_mended_1_2_and_1_3()
    {
        Write($"""
            [tls]
            type=transport
            protocol=tls
            bind=0.0.0.0:5061
            {Certificate}
            """);

        await using (var lab = await StartAsync())
        {
            Assert.Equal(["1.0"], await TlsVersionsAsync(lab));
        }

        Mend("RF1040");

        await using (var lab = await StartAsync())
        {
            Assert.Equal(["1.2", "1.3"], await TlsVersionsAsync(lab));
        }
    }

    [Fact]
    public async Task Guests_trunks_by_name_and_lists_that_keep_nobody_out_let_a_stranger_call_and_mended_they_do_not()
    {
        Write($"""
            [udp]
            type=transport
            protocol=udp
            bind=0.0.0.0:5060
            [udp6]
            type=transport
            protocol=udp
            bind=[::]:5060

            [phone](!)
            type=endpoint
            context=phones
            disallow=all
            allow=ulaw
            auth=login
            [login]
            type=auth
            username=login
            password={Password}

            [anonymous]
            type=endpoint
            context=phones
            disallow=all
            allow=ulaw

            [trunk]
            type=endpoint
            context=phones
            disallow=all
            allow=ulaw
            [trunk]
            type=identify
            endpoint=trunk
            match=203.0.113.10

            [permits](phone)
            permit=192.0.2.0/24
            [old](phone)
            deny=0.0.0.0/0.0.0.0
            permit=192.0.2.0/24
            [believes](phone)
            contact_deny=0.0.0.0/0.0.0.0
            contact_permit=192.0.2.0/24
            [talks](phone)
            allow_unauthenticated_options=yes
            """);

        await using (var lab = await StartAsync())
        {
            Assert.Equal(200, await CallAsync(lab, Stranger, "nobody"));
            Assert.Equal(200, await CallAsync(lab, Stranger, "trunk"));
            Assert.Equal(200, await CallAsync(lab, Stranger, "permits"));
            Assert.Equal(200, await CallAsync(lab, AsteriskLab.Attacker6(1), "old"));
            Assert.Equal(200, await CallAsync(lab, Stranger, "believes", contact: "192.0.2.9"));
            Assert.NotEqual(401, await OptionsAsync(lab, "talks"));
        }

        Mend("RF1001", "RF1006", "RF1007", "RF1019");
        Mend("RF1003", "RF1005");

        await using (var lab = await StartAsync())
        {
            Assert.Equal(401, await CallAsync(lab, Stranger, "nobody"));
            Assert.Equal(401, await CallAsync(lab, Stranger, "trunk"));
            Assert.Equal(401, await CallAsync(lab, Stranger, "permits"));
            Assert.Equal(401, await CallAsync(lab, AsteriskLab.Attacker6(1), "old"));
            Assert.Equal(401, await CallAsync(lab, Stranger, "believes", contact: "192.0.2.9"));
            Assert.Equal(401, await OptionsAsync(lab, "talks"));
            Assert.Equal(200, await CallAsync(lab, AsteriskLab.TrunkByAddress, "whoever"));
        }
    }

    [Fact]
    public async Task A_named_list_keeps_nobody_out_without_an_acl_conf_and_everybody_where_only_the_name_is_missing()
    {
        Write($"""
            [udp]
            type=transport
            protocol=udp
            bind=0.0.0.0:5060
            [1001]
            type=endpoint
            context=phones
            disallow=all
            allow=ulaw
            auth=login
            acl=office
            [login]
            type=auth
            username=login
            password={Password}
            """);
        File.Delete(PathOf("acl.conf"));

        await using (var lab = await StartAsync())
        {
            Assert.Equal(200, await CallAsync(lab, Stranger, "1001"));
            Assert.Contains(Faults("RF1002"), fault => fault.Text.EndsWith("nobody is kept out", StringComparison.Ordinal));
        }

        await File.WriteAllTextAsync(PathOf("acl.conf"), "[other]\ndeny = 0.0.0.0/0\n", Stop);

        await using (var lab = await StartAsync())
        {
            Assert.Equal(401, await CallAsync(lab, Stranger, "1001"));
            Assert.Contains(Faults("RF1002"), fault => fault.Text.EndsWith("everybody is kept out", StringComparison.Ordinal));
        }

        await File.WriteAllTextAsync(PathOf("acl.conf"), "[office]\ndeny = 0.0.0.0/0\nallow = 192.0.2.0/24\n", Stop);

        await using (var lab = await StartAsync())
        {
            Assert.Equal(200, await CallAsync(lab, Stranger, "1001"));
            Assert.Contains(Faults("RF1002"), fault => fault.Text.EndsWith("nobody is kept out", StringComparison.Ordinal));
        }
    }

    private void Write(string pjsip)
    {
        WriteLaboratory();
        // A usual Asterisk has it; without it only callers who call themselves anonymous are that endpoint.
        File.AppendAllText(PathOf("modules.conf"), "load = res_pjsip_endpoint_identifier_anonymous.so\n");
        File.WriteAllText(PathOf("pjsip.conf"), pjsip + "\n");
    }

    private static async Task<int?> CallAsync(AsteriskLab lab, string source, string account, string? contact = null)
    {
        using var caller = lab.Attack(source, SipTransport.Udp);
        var invite = new SipRequest("INVITE", account) { Target = "600", Contact = contact is null ? null : $"<sip:x@{contact}:5060>" };
        return (await caller.LogInAsync(invite, Password, Stop, account: "login"))?.Status;
    }

    private static async Task<int?> OptionsAsync(AsteriskLab lab, string account)
    {
        using var scanner = lab.Attack(Stranger, SipTransport.Udp);
        return (await scanner.AskAsync(new SipRequest("OPTIONS", account), Stop))?.Status;
    }

    private static async Task<List<string>> TlsVersionsAsync(AsteriskLab lab)
    {
        List<string> spoken = [];
        foreach (var (option, name) in (IEnumerable<(string, string)>)[("-tls1", "1.0"), ("-tls1_1", "1.1"), ("-tls1_2", "1.2"), ("-tls1_3", "1.3")])
        {
            // OpenSSL itself refuses what is older than 1.2 above its security level 0.
            var run = await lab.RunAsync(
                "att", ["sh", "-c", $"openssl s_client -connect {AsteriskLab.World}:5061 {option} -cipher ALL:@SECLEVEL=0 < /dev/null 2> /dev/null | grep -E '^ *(New, .*Cipher is [A-Z0-9_]+-|New, TLSv1.3, Cipher is TLS)'"], TimeSpan.FromSeconds(20), Stop);
            if (run.ExitCode == 0)
            {
                spoken.Add(name);
            }
        }

        return spoken;
    }
}
