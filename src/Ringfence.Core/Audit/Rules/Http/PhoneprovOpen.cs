using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>Phones' configurations with their passwords, for whoever asks by a MAC address.</summary>
internal static class PhoneprovOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1458",
        Name = "phoneprov-open",
        Severity = Severity.High,
        Why = "Phone provisioning answers without a password, in clear, and a MAC address is printed on the phone or guessed from its maker: each file holds an account and its password.",
        Fix = "Let phones provision in a network of their own (bindaddr), restrict the path to it ([phoneprov] type = restriction in http.conf, Asterisk 20.19, 22.9 and later), or don't load res_phoneprov.",
        ExampleFile = "phoneprov.conf",
        Bad = """
            [general]
            [snom] ; here
            staticdir = configs/
            ${MAC}.cfg => 000000000000.cfg
            ;;; users.conf
            [6000]
            autoprov = yes
            macaddress = 000000000001
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            ;;; modules.conf
            [modules]
            autoload = yes
            """,
        Good = """
            [general]
            [snom]
            staticdir = configs/
            ${MAC}.cfg => 000000000000.cfg
            ;;; users.conf
            [6000]
            autoprov = yes
            macaddress = 000000000001
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            ;;; modules.conf
            [modules]
            autoload = yes
            noload => res_phoneprov.so
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Wizard/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var hasPhones = pbx.Pjsip.Of("phoneprov").Count > 0
            || pbx.Config("users.conf").Sections.Any(static user => AsteriskBool.IsTrue(user["autoprov"]) && !string.IsNullOrEmpty(user["macaddress"]));
        return hasPhones && HttpInterface.Read(pbx).IsOnNetwork && ModulesConf.Loads(pbx, "res_phoneprov") && !HttpInterface.IsRestricted(pbx, "phoneprov")
            ? from profile in pbx.Config("phoneprov.conf").Sections
              where profile.Name != "general" && profile.Settings.Any(static setting => setting.Name.Contains("${", StringComparison.Ordinal))
              select new Fault(profile.Place, $"profile {Shown.Text(profile.Name)}", "gives each phone's account and password to whoever asks with its MAC address, in clear")
            : [];
    }
}
