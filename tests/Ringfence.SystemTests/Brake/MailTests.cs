using System.Globalization;
using Ringfence.SystemTests.Asterisk;
using Ringfence.SystemTests.Notifiers;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>What a person reads who is not at the machine: mails of a real guard to a real Exim.</summary>
public sealed class MailTests : OfficeLab
{
    [Fact]
    public async Task Fraud_is_a_mail_that_says_who_called_where_what_it_cost_and_how_to_undo_it_and_so_is_the_days_report()
    {
        // Exim's user has to come to it.
        var directory = Directory.CreateTempSubdirectory("rf-mail-").FullName;
        await using var servers = await RealServers.GetAsync(directory, Stop);
        await servers.StartEximAsync(Netns.Of(Lab.Namespace("pbx")), Stop);
        var yesterday = DateTime.Now.Date.AddDays(-1);
        var cdr = Path.Combine(Configuration, "Master.csv");
        await File.WriteAllLinesAsync(
            cdr,
            Enumerable.Range(1, 3).Select(call => string.Create(
                CultureInfo.InvariantCulture,
                $"\"\",\"1004\",\"900232790000{call:00}\",\"phones\",\"\"\"x\"\" <1004>\",\"PJSIP/1004-0000000{call}\",\"PJSIP/trunk-ip-0000000{call}\",\"Dial\",\"PJSIP/00232790000{call:00}@trunk-ip,60\",\"{yesterday:yyyy-MM-dd} 10:0{call}:00\",\"{yesterday:yyyy-MM-dd} 10:0{call}:00\",\"{yesterday:yyyy-MM-dd} 10:0{call}:30\",30,30,\"ANSWERED\",\"DOCUMENTATION\",\"{call}.1\",\"\"")),
            Stop);

        // The minute after the next: the guard has started by then.
        var due = DateTime.Now.AddMinutes(2);
        await using (var office = await OpenAsync([.. Braking, "[calls](+)", "outside = 9", $"cdr = {cdr}", $"daily_report = {due:HH:mm}", "[notify boss]", "kind = mail", "to = boss@example.com", "server = 127.0.0.1:2525"]))
        {
            await (await office.PhoneAsync("1001")).CallAsync($"9{Dear}");
            await StopsAsync(office, "1001");

            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Mails("FRAUD").Count == 1 && Mails("calls of").Count == 1), TimeSpan.FromSeconds(150), Stop), $"{string.Join('\n', servers.Mails())}\n{office.Guard.Said}");
        }

        var fraud = Mails("FRAUD")[0];
        Assert.All((string[])["1001", "+23279000001", "SL", "trunk-ip", "EUR", "spend-5m", "ringfence calls lift 1"], word => Assert.Contains(word, fraud, StringComparison.Ordinal));
        var report = Mails("calls of")[0];
        Assert.All((string[])["1004", "SL", "90.00 EUR"], word => Assert.Contains(word, report, StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine($"{fraud}\n\n{report}");

        List<string> Mails(string subject) =>
        [
            .. servers.Mails().Where(mail => mail.Headers.Split('\n').Any(line => line.Contains("Subject: ", StringComparison.Ordinal) && line.Contains(subject, StringComparison.Ordinal)))
                .Select(static mail => $"{mail.Headers}\n{mail.Body.Replace("=\n", "", StringComparison.Ordinal)}"),
        ];
    }
}
