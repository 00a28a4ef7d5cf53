using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

/// <summary>What a real Asterisk 22.10.1 made of the same files, object by object (pjsip list, pjsip show).</summary>
public sealed class PjsipConfigTests
{
    private static readonly AsteriskVersion Newest = new(22, 10, 1);

    [Fact]
    public void The_first_type_of_a_section_counts_the_templates_before_its_own()
    {
        var pjsip = Read("""
            [two]
            type=auth
            type=endpoint
            [account](!)
            type=auth
            [inherited](account)
            type=endpoint
            [plain]
            Type=aor
            """);

        Assert.Equal(["two", "inherited"], pjsip.Auths.Select(found => found.Name));
        Assert.Empty(pjsip.Endpoints);
        Assert.Equal("plain", Assert.Single(pjsip.Aors).Name);
    }

    [Fact]
    public void A_type_that_is_not_written_just_so_makes_a_stranger()
    {
        var pjsip = Read("""
            [a]
            type=Endpoint
            [b]
            type="endpoint"
            [c]
            type=
            [d]
            context=x
            [e]
            type= endpoint
            [template](!)
            context=x
            """);

        Assert.Equal(["a", "b", "c", "d"], pjsip.Strangers.Select(section => section.Name));
        Assert.Equal("e", Assert.Single(pjsip.Endpoints).Name);
    }

    [Fact]
    public void Global_needs_no_type_as_long_as_all_of_its_options_are_its_own()
    {
        Assert.Equal("pbx", Assert.Single(Read("[global]\nuser_agent=pbx\n").Of("global"))["user_agent"]);
        Assert.Equal("global", Assert.Single(Read("[global]\nuser_agent=pbx\nallow_guest=no\n").Strangers).Name);
        Assert.Empty(Read("[Global]\nuser_agent=pbx\n").Of("global"));
    }

    [Fact]
    public void Names_are_compared_byte_for_byte_and_the_types_have_names_of_their_own()
    {
        var pjsip = Read("""
            [Case]
            type=aor
            [case]
            type=aor
            [case]
            type=auth
            """);

        Assert.Equal(2, pjsip.Aors.Count);
        Assert.Equal("Case", pjsip.Find("aor", "Case")?.Name);
        Assert.NotNull(pjsip.Find("auth", "case"));
        Assert.Null(pjsip.Find("auth", "Case"));
    }

    [Fact]
    public void Lists_of_names_are_replaced_and_access_lists_add_up()
    {
        var endpoint = Assert.Single(Read("""
            [1001]
            type=endpoint
            auth=a,b
            auth=c
            permit=192.0.2.0/24
            permit=198.51.100.0/24,203.0.113.0/24
            """).Endpoints);

        Assert.Equal(["c"], endpoint.List("auth").Select(part => part.Text));
        Assert.Equal(["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"], endpoint.List("permit").Select(part => part.Text));
        Assert.Equal(5, endpoint.PlaceOf("permit").Line - endpoint.Place.Line);
    }

    [Fact]
    public void Where_nothing_is_given_the_versions_default_holds()
    {
        var endpoint = Assert.Single(Read("[1001]\ntype=endpoint\ncontext=a\n").Endpoints);

        Assert.Null(endpoint["direct_media"]);
        Assert.Equal("yes", endpoint.Value("direct_media"));
        Assert.Equal("a", endpoint.Value("context"));
        Assert.Null(endpoint.Value("no_such_option"));
    }

    [Fact]
    public void A_wizards_section_becomes_the_objects_that_Asterisk_makes_of_it()
    {
        var pjsip = Read("", ("pjsip_wizard.conf", """
            [trunk](!)
            type = wizard
            remote_hosts = sip1.example.com, 203.0.113.10:5060
            sends_auth = yes
            sends_registrations = yes
            endpoint/context = from-trunk
            [provider](trunk)
            outbound_auth/username = 100
            outbound_auth/password = test-password
            aor/qualify_frequency = 30
            [phone]
            type = wizard
            accepts_auth = yes
            accepts_registrations = yes
            inbound_auth/username = phone
            inbound_auth/password = test-password
            """));

        Assert.Equal(["provider", "phone"], pjsip.Endpoints.Select(found => found.Name));
        Assert.Equal(["provider-oauth", "phone-iauth"], pjsip.Auths.Select(found => found.Name));
        Assert.Equal(["provider-reg-0", "provider-reg-1"], pjsip.Of("registration").Select(found => found.Name));
        var provider = pjsip.Find("endpoint", "provider")!;
        Assert.Equal(("from-trunk", "provider", "provider-oauth"), (provider["context"], provider["aors"], provider["outbound_auth"]));
        Assert.Equal(5, provider.PlaceOf("context").Line - 1);
        Assert.Equal(["sip:sip1.example.com", "sip:203.0.113.10:5060"], pjsip.Find("aor", "provider")!.List("contact").Select(part => part.Text));
        Assert.Equal(["sip1.example.com", "203.0.113.10:5060"], Assert.Single(pjsip.Of("identify")).List("match").Select(part => part.Text));
        Assert.Equal("sip:100@203.0.113.10:5060", pjsip.Find("registration", "provider-reg-1")!["client_uri"]);
        Assert.Equal("userpass", pjsip.Find("auth", "phone-iauth")!["auth_type"]);
        Assert.All(pjsip.All, found => Assert.True(found.IsFromWizard));
    }

    [Fact]
    public void A_type_that_sorcery_maps_to_a_database_alone_is_not_in_the_file()
    {
        var pjsip = Read("[1001]\ntype=endpoint\n[1001]\ntype=aor\n[1001]\ntype=auth\n", ("sorcery.conf", """
            [res_pjsip]
            endpoint = realtime,ps_endpoints
            aor/cache = memory_cache,maximum_objects=10
            aor = config,pjsip.conf,criteria=type=aor
            aor = realtime,ps_aors
            """));

        Assert.Empty(pjsip.Endpoints);
        Assert.Single(pjsip.Aors);
        Assert.Single(pjsip.Auths);
        Assert.Equal((false, false, true), (pjsip.IsWhole("endpoint"), pjsip.IsWhole("aor"), pjsip.IsWhole("auth")));
        Assert.Empty(pjsip.Strangers);
    }

    [Fact]
    public void A_type_that_sorcery_maps_to_another_file_is_read_from_there()
    {
        var pjsip = Read("[old]\ntype=endpoint\n", ("sorcery.conf", "[res_pjsip]\nendpoint = config,phones.conf\n"), ("phones.conf", "[1001]\ncontext=a\n[1002]\ntype=endpoint\n"));

        Assert.Equal(["1001", "1002"], pjsip.Endpoints.Select(found => found.Name));
        Assert.True(pjsip.IsWhole("endpoint"));
    }

    [Fact]
    public void The_types_are_those_of_the_version()
    {
        Assert.NotEmpty(new PbxSnapshot("/etc/asterisk", new MemoryFiles(), new AsteriskVersion(16), new Dictionary<string, string>()).Options.Objects("sip.conf"));
        Assert.Empty(Snapshot("").Options.Objects("sip.conf"));
        Assert.True(new PbxSnapshot("/etc/asterisk", new MemoryFiles(), null, new Dictionary<string, string>()).Options.IsKnown);
    }

    private static PjsipConfig Read(string pjsip, params (string Name, string Text)[] others) => Snapshot(pjsip, others).Pjsip;

    private static PbxSnapshot Snapshot(string pjsip, params (string Name, string Text)[] others)
    {
        var files = new MemoryFiles().With("/etc/asterisk/pjsip.conf", pjsip);
        foreach (var (name, text) in others)
        {
            files.With("/etc/asterisk/" + name, text);
        }

        return new PbxSnapshot("/etc/asterisk", files, Newest, new Dictionary<string, string>());
    }
}
