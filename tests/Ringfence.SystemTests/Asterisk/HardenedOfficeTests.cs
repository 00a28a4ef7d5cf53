using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The hardened office in which the audit finds nothing works: a real Asterisk takes every line of it.</summary>
public sealed class HardenedOfficeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_Asterisk_loads_it_without_a_warning_and_its_phones_log_in_over_TLS_alone()
    {
        await using var lab = new AsteriskLab(Repository.File("tests", "Ringfence.Tests", "Audit", "Hardened"));
        await lab.InitializeAsync();
        lab.Require();
        using var phone = lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Tls);
        using var clear = lab.PhoneAt(AsteriskLab.Phone(12), SipTransport.Udp);

        var messages = (await File.ReadAllLinesAsync(lab.Log("messages"), Stop)).Where(line => line.Contains("WARNING", StringComparison.Ordinal) || line.Contains("ERROR", StringComparison.Ordinal));

        Assert.Equal([], messages);
        Assert.Equal(200, (await phone.RegisterAsync("1001", "Hq7vKz2mXw9TnB4cRd6L", Stop))?.Status);
        Assert.False(await clear.IsAnsweredAsync(Stop));
        Assert.Contains("phones-international", await lab.CliAsync("pjsip show endpoint 1001", Stop), StringComparison.Ordinal);
        Assert.Matches("Logging: +Enabled", await lab.CliAsync("cdr show status", Stop));
    }
}
