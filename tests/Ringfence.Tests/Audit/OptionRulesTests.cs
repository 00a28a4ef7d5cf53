using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>What the rules about options say beyond their examples.</summary>
public sealed class OptionRulesTests
{
    private static readonly AuditRule[] All = [.. AuditRules.All.Where(rule => rule.Topic == AuditTopic.Options)];

    [Theory]
    [InlineData("[global]\ntype=global\nallow_guest=no\n", "the defaults hold for all of global; PJSIP refuses guests unless an endpoint named anonymous exists")]
    [InlineData("[global]\nallow_guest=no\n", "PJSIP refuses guests unless an endpoint named anonymous exists")]
    [InlineData("[global]\ntype=global\nalwaysauthreject=yes\n", "PJSIP always answers alike, whether the account exists or not")]
    [InlineData("[1001]\ntype=aor\ncontact_acl=office\n", "contact_acl is an option of endpoint and not of aor: Asterisk refuses the whole aor: nobody can register with it")]
    [InlineData("[1001]\ntype=endpoint\ncontxt=a\n", "did you mean context?")]
    [InlineData("[1001]\ntype=endpoint\nsecret=test\n", "the password of an account is password in its auth")]
    [InlineData("[office]\ntype=acl\npermit=192.0.2.0/24, 198.51.100.0/24\n", "Asterisk refuses the whole acl, and it keeps nobody out")]
    [InlineData("[1001]\ntype=endpiont\n", "did you mean endpoint?")]
    public void The_guides_mistakes_are_told_with_what_Asterisk_does(string pjsip, string text)
    {
        var fault = Assert.Single(Faults(pjsip, 22));

        Assert.Contains(text, fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_of_another_version_is_unknown_in_this_one_and_said_so()
    {
        const string Auth = "[1001]\ntype=auth\nusername=1001\npassword_digest=MD5:00112233445566778899aabbccddeeff\n";

        Assert.Empty(Faults(Auth, 22));
        Assert.Contains("has no option password_digest in this version", Assert.Single(Faults(Auth, 16)).Text, StringComparison.Ordinal);
        Assert.Contains("expected default, sslv2", Assert.Single(Faults("[t]\ntype=transport\nprotocol=tls\nbind=0.0.0.0\nmethod=tlsv1_3\n", 16)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nobody_says_the_version_only_what_no_version_has_is_unknown()
    {
        Assert.DoesNotContain(Faults("[1001]\ntype=auth\nusername=1001\npassword_digest=MD5:00\nmd5_cred=x\n", null), fault => fault.Text.Contains("no option", StringComparison.Ordinal));
        Assert.Single(Faults("[global]\ntype=global\nallow_guest=no\n", null));
    }

    [Theory]
    [InlineData(13)]
    [InlineData(24)]
    public void Of_a_version_that_the_catalogue_does_not_cover_nothing_is_said_about_options(int version)
    {
        Assert.Empty(Faults("[1001]\ntype=endpoint\nbrand_new=yes\ndtmf_mode=rfc9999\n[x]\ntype=brand-new\n", version));
    }

    [Fact]
    public void A_line_that_many_inherit_is_found_once()
    {
        var fault = Assert.Single(Faults("[phone](!)\ntype=endpoint\nnat=yes\n[1](phone)\n[2](phone)\n[3](phone)\n", 22));

        Assert.Equal(3, fault.Place.Line);
        Assert.EndsWith("(and 2 more that inherit the line)", fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_is_never_in_a_fault()
    {
        var faults = Faults("[1001]\ntype=auth\nusername=1001\npasswort=test-Password-1\n[2]\ntype=endpoint\nsecret=test-Password-1\n[3]\ntype=resource_list\npassword=test-Password-1\n", 22);

        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.DoesNotContain("test-Password-1", fault.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#exec /usr/local/bin/phones\n")]
    [InlineData("#include phones/*.conf\n")]
    public void What_may_stand_in_a_file_that_was_not_read_is_not_missing(string include)
    {
        Assert.DoesNotContain(Faults($"[1001]\ntype=endpoint\nauth=1001\naors=1001\n{include}", 22), fault => fault.Text.Contains("there is no auth", StringComparison.Ordinal));
    }

    [Fact]
    public void A_blank_in_an_access_list_is_mended_by_taking_it_out()
    {
        var pbx = ExampleFiles.Of(";;; acl.conf\n[office]\ndeny=0.0.0.0/0\npermit = 192.0.2.0/24, 198.51.100.0/24 ; ours\n", "pjsip.conf", new AsteriskVersion(22)).Pbx;

        var mend = Assert.Single(RefusedValue.Rule.Check(pbx)).Mend!;

        Assert.Empty(RefusedValue.Rule.Check(Mended.Of(pbx, mend.Edits)));
    }

    [Theory]
    [InlineData("[1001]\ntype=endpoint\npermited=192.0.2.0/24\n")]
    [InlineData("[1001]\ntype=aor\ncontact_acl=office\n[1]\ntype=endpoint\naors=1001\n[2]\ntype=endpoint\naors=1001\n")]
    [InlineData("[phone](!)\ntype=aor\nacl=office\n[1001](phone)\n[1001]\ntype=endpoint\naors=1001\n")]
    [InlineData("[1001]\ntype=auth\nusername=1001\npassword=test-Password-1\nmax_contacts=1\n")]
    public void No_mend_brings_an_object_back_without_the_limit_that_its_wrong_line_may_have_meant(string pjsip)
    {
        var faults = Faults(pjsip, 22).Where(fault => fault.Text.Contains("refuses the whole", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.Empty(fault.Mend!.Edits));
    }

    [Fact]
    public void An_access_list_in_an_aor_moves_to_the_one_endpoint_that_has_the_aor()
    {
        var pbx = ExampleFiles.Of("[1001]\ntype=endpoint\naors=1001\n[1001]\ntype=aor\ncontact_acl=office\n", "pjsip.conf", new AsteriskVersion(22)).Pbx;

        var after = Mended.Of(pbx, MisplacedOption.Rule.Check(pbx).SelectMany(fault => fault.Mend!.Edits)).Pjsip;

        Assert.Equal("office", after.Find("endpoint", "1001")!["contact_acl"]);
        Assert.Null(after.Find("aor", "1001")!["contact_acl"]);
    }

    [Fact]
    public void What_FreePBX_generates_has_no_fault_in_its_options()
    {
        var faults = Faults("""
            [global]
            type=global
            user_agent=FPBX-17.0.19(22.4.1)
            [0.0.0.0-udp]
            type=transport
            protocol=udp
            bind=0.0.0.0:5060
            external_media_address=203.0.113.1
            external_signaling_address=203.0.113.1
            allow_reload=no
            tos=cs3
            cos=3
            local_net=192.168.0.0/24
            [1001]
            type=endpoint
            aors=1001
            auth=1001-auth
            tos_audio=ef
            tos_video=af41
            cos_audio=5
            cos_video=4
            disallow=all
            allow=ulaw,alaw,gsm,g726,g722
            context=from-internal
            callerid=Lobby <1001>
            dtmf_mode=rfc4733
            direct_media=yes
            outbound_auth=1001-auth
            mailboxes=1001@device
            mwi_subscribe_replaces_unsolicited=yes
            transport=0.0.0.0-udp
            aggregate_mwi=yes
            use_avpf=no
            rtcp_mux=no
            max_audio_streams=1
            max_video_streams=1
            bundle=no
            ice_support=no
            media_use_received_transport=no
            trust_id_inbound=yes
            user_eq_phone=no
            send_connected_line=yes
            media_encryption=no
            timers=yes
            timers_min_se=90
            media_encryption_optimistic=no
            refer_blind_progress=yes
            refer_blind_progress=yes
            rtp_timeout=30
            rtp_timeout_hold=300
            rtp_keepalive=0
            send_pai=yes
            rtp_symmetric=yes
            rewrite_contact=yes
            force_rport=yes
            language=en
            one_touch_recording=on
            record_on_feature=apprecord
            record_off_feature=apprecord
            [1001-auth]
            type=auth
            auth_type=userpass
            password=test-Password-1
            username=1001
            [1001]
            type=aor
            max_contacts=1
            remove_existing=yes
            maximum_expiration=7200
            minimum_expiration=60
            qualify_frequency=60
            [provider]
            type=endpoint
            transport=0.0.0.0-udp
            context=from-pstn
            disallow=all
            allow=ulaw,alaw
            aors=provider
            language=en
            outbound_auth=provider
            t38_udptl=no
            t38_udptl_ec=none
            fax_detect=no
            trust_id_inbound=no
            trust_id_outbound=no
            user_eq_phone=no
            send_rpid=no
            [provider]
            type=aor
            qualify_frequency=60
            contact=sip:100@203.0.113.10:5060
            [provider]
            type=auth
            auth_type=userpass
            password=test-Password-2
            username=100
            [provider]
            type=registration
            transport=0.0.0.0-udp
            outbound_auth=provider
            retry_interval=60
            fatal_retry_interval=30
            forbidden_retry_interval=30
            max_retries=10000
            expiration=3600
            line=yes
            endpoint=provider
            auth_rejection_permanent=no
            contact_user=100
            server_uri=sip:203.0.113.10:5060
            client_uri=sip:100@203.0.113.10:5060
            [provider]
            type=identify
            endpoint=provider
            match=203.0.113.10
            """, 22);

        Assert.Equal([], faults.Select(fault => $"{fault.Place}: {fault.Text}"));
    }

    private static List<Fault> Faults(string pjsip, int? version)
    {
        var pbx = ExampleFiles.Of(pjsip, "pjsip.conf", version is { } major ? new AsteriskVersion(major) : null).Pbx;
        return [.. All.SelectMany(rule => rule.Check(pbx))];
    }
}
