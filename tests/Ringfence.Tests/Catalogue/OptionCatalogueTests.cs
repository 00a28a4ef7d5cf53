using Ringfence.Core.Catalogue;
using Xunit;

namespace Ringfence.Tests.Catalogue;

public sealed class OptionCatalogueTests
{
    private static readonly OptionCatalogue Newest = OptionCatalogue.Of(22);
    private static readonly OptionCatalogue Oldest = OptionCatalogue.Of(16);

    [Theory]
    [InlineData("endpoint", "aors")]
    [InlineData("endpoint", "Context")]
    [InlineData("endpoint", "contact_acl")]
    [InlineData("aor", "remove_existing")]
    [InlineData("auth", "md5_cred")]
    [InlineData("transport", "method")]
    [InlineData("global", "user_agent")]
    [InlineData("inbound-publication", "event_presence")]
    [InlineData("phoneprov", "ANYTHING")]
    [InlineData("endpoint", "@hint_context")]
    public void What_pjsip_conf_takes_is_known_in_every_version(string kind, string option)
    {
        Assert.All([16, 18, 20, 21, 22], version => Assert.NotNull(OptionCatalogue.Of(version).Find("pjsip.conf", kind)!.Find(option)));
    }

    [Theory]
    [InlineData("global", "allow_guest")]
    [InlineData("global", "alwaysauthreject")]
    [InlineData("aor", "contact_acl")]
    [InlineData("endpoint", "secret")]
    [InlineData("aor", "type_")]
    public void What_the_guides_invented_is_in_no_version(string kind, string option)
    {
        Assert.All([16, 18, 20, 21, 22], version => Assert.Null(OptionCatalogue.Of(version).Find("pjsip.conf", kind)!.Find(option)));
    }

    [Fact]
    public void What_came_between_two_versions_is_in_the_newer_one_alone()
    {
        Assert.Null(Oldest.Find("pjsip.conf", "auth")!.Find("password_digest"));
        Assert.NotNull(Newest.Find("pjsip.conf", "auth")!.Find("password_digest"));
        Assert.DoesNotContain("tlsv1_3", Oldest.Find("pjsip.conf", "transport")!.Find("method")!.Words);
        Assert.Contains("tlsv1_3", Newest.Find("pjsip.conf", "transport")!.Find("method")!.Words);
        Assert.Null(Oldest.Find("stir_shaken.conf", "tn"));
        Assert.NotEmpty(Oldest.Objects("sip.conf"));
        Assert.Empty(Newest.Objects("sip.conf"));
    }

    [Theory]
    [InlineData("auth", "auth_type", "userpas", "digest")]
    [InlineData("auth", "supported_algorithms_uas", "SHA256", "SHA-256")]
    [InlineData("endpoint", "identify_by", "user", "request_uri")]
    [InlineData("endpoint", "security_negotiation", "sdes", "mediasec")]
    [InlineData("transport", "protocol", "upd", "flow")]
    [InlineData("transport", "method", "tls1.2", "tlsv1_3")]
    [InlineData("global", "taskprocessor_overload_trigger", "no", "pjsip_only")]
    public void What_every_version_refuses_is_refused_where_nobody_said_which_it_is(string kind, string option, string wrong, string right)
    {
        var known = OptionCatalogue.Any.Find("pjsip.conf", kind)!.Find(option)!;

        Assert.Equal(ValueOutcome.Refused, OptionValue.Judge(known, wrong, OptionCatalogue.Any)?.Outcome);
        Assert.Null(OptionValue.Judge(known, right, OptionCatalogue.Any));
    }

    [Fact]
    public void How_a_file_is_read_is_known_for_each_version()
    {
        Assert.Equal(OptionReading.WholeFile, Oldest.Find("ari.conf", "user")!.Reading);
        Assert.Equal(OptionReading.Sorcery, Newest.Find("ari.conf", "user")!.Reading);
        Assert.Equal("user", Newest.Find("ari.conf", "user")!.Type);
        Assert.True(Newest.Find("pjsip.conf", "global")!.IsSingle);
        Assert.Equal("global", Newest.Find("pjsip.conf", "global")!.FixedName);
        Assert.Null(Newest.Find("pjsip.conf", "endpoint")!.FixedName);
        Assert.False(Newest.Find("queues.conf", OptionObject.OfFile)!.IsComplete);
        Assert.True(Newest.Find("manager.conf", OptionObject.OfFile)!.IsComplete);
    }

    [Fact]
    public void Defaults_are_those_of_the_version()
    {
        Assert.Equal("rfc4733", Newest.Default("pjsip.conf", "endpoint", "dtmf_mode"));
        Assert.Equal("prefer: pending, operation: intersect, keep: all, transcode: allow", Newest.Default("pjsip.conf", "endpoint", "codec_prefs_incoming_offer"));
        Assert.Equal("", Newest.Default("pjsip.conf", "transport", "method"));
        Assert.Null(Newest.Default("pjsip.conf", "global", "user_agent"));
        Assert.Equal("0", Oldest.Default("pjsip.conf", "system", "threadpool_initial_size"));
        Assert.Equal("4", Newest.Default("pjsip.conf", "system", "threadpool_initial_size"));
    }

    [Theory]
    [InlineData("features.conf", "featuregroup", "general", false)]
    [InlineData("features.conf", "featuregroup", "ParkingLot_1", false)]
    [InlineData("features.conf", "featuregroup", "sales", true)]
    [InlineData("features.conf", "parkinglot", "parkinglot_1", true)]
    [InlineData("cdr.conf", "general", "General", true)]
    [InlineData("cdr.conf", "general", "csv", false)]
    public void The_sections_of_an_object_are_those_that_Asterisk_takes(string file, string kind, string section, bool isIts)
    {
        Assert.Equal(isIts, Newest.Find(file, kind)!.HasSection(section));
    }

    [Fact]
    public void A_menu_of_keys_takes_keys_and_nothing_else()
    {
        var menu = Newest.Find("confbridge.conf", "menu")!;

        Assert.NotNull(menu.Find("*1"));
        Assert.NotNull(menu.Find("A#"));
        Assert.Null(menu.Find("e"));
        Assert.NotNull(Newest.Find("confbridge.conf", "bridge_profile")!.Find("sound_join"));
    }

    [Fact]
    public void Between_two_versions_that_are_covered_the_options_of_either_are_known()
    {
        var between = OptionCatalogue.Of(19);

        Assert.True(between.IsKnown);
        Assert.NotNull(between.Find("pjsip.conf", "auth")!.Find("password_digest"));
        Assert.Null(between.Find("pjsip.conf", "aor")!.Find("contact_acl"));
        Assert.Null(between.Default("pjsip.conf", "system", "threadpool_initial_size"));
    }

    [Theory]
    [InlineData(13)]
    [InlineData(23)]
    public void Beyond_what_is_covered_the_catalogue_says_so(int version)
    {
        var beyond = OptionCatalogue.Of(version);

        Assert.False(beyond.IsKnown);
        Assert.NotNull(beyond.Find("pjsip.conf", "endpoint")!.Find("context"));
    }

    [Fact]
    public void Every_version_has_what_pjsip_is_made_of()
    {
        Assert.All([16, 18, 20, 21, 22], version =>
        {
            var kinds = OptionCatalogue.Of(version).Objects("pjsip.conf");
            Assert.Superset(new HashSet<string> { "endpoint", "aor", "auth", "transport", "identify", "registration", "acl", "global", "system", "domain_alias" }, kinds.Select(kind => kind.Kind).ToHashSet());
            Assert.All(kinds, kind => Assert.NotNull(kind.Find("type")));
            Assert.All(kinds, kind => Assert.Equal(OptionReading.Sorcery, kind.Reading));
            Assert.InRange(kinds.Sum(kind => kind.Options.Count), 200, 500);
        });
    }
}
