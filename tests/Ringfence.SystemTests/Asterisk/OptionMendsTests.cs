using System.Text;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What a well-known guide tells people to write, in a real Asterisk, before and after the mends of the rules about options.</summary>
public sealed class OptionMendsTests
{
    private const string Password = "Xk9-mP2vL8-qR5w";

    private const string Guide = $"""
        [global]
        type=global
        user_agent=The office
        ; Reject all unauthenticated inbound calls
        allow_guest=no
        ; Return same error for valid and invalid usernames
        alwaysauthreject=yes

        [t-udp]
        type=transport
        protocol=udp
        bind=0.0.0.0:5060

        [1001]
        type=endpoint
        context=internal
        disallow=all
        allow=ulaw,alaw
        auth=1001-auth
        aors=1001

        [1001-auth]
        type=auth
        auth_type=userpass
        username=1001
        password={Password}

        [1001]
        type=aor
        max_contacts=1
        ; Only allow registration from office subnet
        contact_acl=office-acl

        [office-acl]
        type=acl
        deny=0.0.0.0/0.0.0.0
        permit=10.81.0.0/24
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_the_guide_has_it_nobody_registers_and_its_settings_are_lost()
    {
        await WithAsync(Guide, "", async lab =>
        {
            var said = await File.ReadAllTextAsync(lab.Log("messages"), Encoding.Latin1, Stop);
            Assert.Contains("Could not create an object of type 'global'", said, StringComparison.Ordinal);
            Assert.Contains("Could not create an object of type 'aor' with id '1001'", said, StringComparison.Ordinal);
            Assert.DoesNotContain("The office", await lab.CliAsync("pjsip show settings", Stop), StringComparison.Ordinal);

            using var phone = lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Udp);
            Assert.Equal(404, (await phone.RegisterAsync("1001", Password, Stop))?.Status);
            using var provider = lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp);
            Assert.Equal(403, (await provider.RegisterAsync("1001", Password, Stop))?.Status);
        });
    }

    [Fact]
    public async Task Mended_the_settings_hold_the_phone_registers_and_the_access_list_is_the_phones_own()
    {
        var (pjsip, acl) = Mended(Guide);

        await WithAsync(pjsip, acl, async lab =>
        {
            Assert.DoesNotContain("Could not create an object", await File.ReadAllTextAsync(lab.Log("messages"), Encoding.Latin1, Stop), StringComparison.Ordinal);
            Assert.Contains("The office", await lab.CliAsync("pjsip show settings", Stop), StringComparison.Ordinal);

            using var phone = lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Udp);
            Assert.Equal(200, (await phone.RegisterAsync("1001", Password, Stop))?.Status);
            using var thief = lab.Attack(AsteriskLab.Attacker(5), SipTransport.Udp);
            // Whom the list refuses is answered as if the password were wrong.
            Assert.Equal(401, (await thief.RegisterAsync("1001", Password, Stop))?.Status);
            using var provider = lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp);
            Assert.Equal(401, (await provider.RegisterAsync("nobody", "wrong", Stop))?.Status);
        });
    }

    private static (string Pjsip, string Acl) Mended(string pjsip)
    {
        var directory = Directory.CreateTempSubdirectory("ringfence-mends-");
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "pjsip.conf"), pjsip);
            var pbx = new PbxSnapshot(directory.FullName, new ConfigDirectory(), new AsteriskVersion(22, 10, 1), new Dictionary<string, string>());
            var edits = AuditRules.All.Where(rule => rule.Topic == AuditTopic.Options).SelectMany(rule => rule.Check(pbx)).SelectMany(fault => fault.Mend?.Edits ?? []).ToLookup(edit => edit.File);
            return (Encoding.UTF8.GetString(EditedFile.Apply(Encoding.UTF8.GetBytes(pjsip), [.. edits["pjsip.conf"]])), Encoding.UTF8.GetString(EditedFile.Apply(null, [.. edits["acl.conf"]])));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task WithAsync(string pjsip, string acl, Func<AsteriskLab, Task> test)
    {
        var directory = Directory.CreateTempSubdirectory("ringfence-mends-");
        try
        {
            await WriteAsync(directory.FullName, "pjsip.conf", pjsip);
            await WriteAsync(directory.FullName, "acl.conf", acl);
            await WriteAsync(directory.FullName, "logger.conf", "[general]\n[logfiles]\nmessages => error,warning,notice\n");
            await WriteAsync(directory.FullName, "extensions.conf", "[internal]\n");
            await WriteAsync(directory.FullName, "modules.conf", await File.ReadAllTextAsync(Repository.File("lab", "conf", "modules.conf"), Stop));
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();
            await test(lab);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Task WriteAsync(string directory, string name, string text) => File.WriteAllTextAsync(Path.Combine(directory, name), text, Stop);
}
