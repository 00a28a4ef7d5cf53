using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>Each call to outside is counted once, whatever the office does with it.</summary>
public sealed class JoinedCallsTests : OfficeLab
{
    [Fact]
    public async Task A_parked_call_to_outside_stays_the_call_of_who_made_it_whoever_takes_it_up()
    {
        await using var office = await OpenAsync();
        var (caller, other) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        var call = await caller.CallAsync($"9{Cheap}");
        await TalkAsync(office, 2);
        await ParkAsync(office, call);
        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
        var taken = await other.CallAsync("701");
        await TalkAsync(office, 2);

        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
        await HasTrunkChannelsAsync(office, 1);
        await taken.EndAsync();
        await ShowsAsync(office);
        await HasTrunkChannelsAsync(office, 0);
    }

    [Fact]
    public async Task Who_takes_up_a_parked_call_is_not_stopped_for_it_and_calls_on()
    {
        await using var office = await OpenAsync(Braking);
        var (caller, other) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        var call = await caller.CallAsync($"9{Dear}");
        await TalkAsync(office, 2);
        await ParkAsync(office, call);
        await other.CallAsync("701");

        await StopsAsync(office, "1001");
        await HasTrunkChannelsAsync(office, 0);
        await other.CallAsync($"9{Cheap}");
        await ShowsAsync(office, ("1002", "+498912345678", "phone"));
    }

    [Fact]
    public async Task A_call_to_outside_that_is_put_into_a_conference_is_one_call()
    {
        await using var office = await OpenAsync();
        var (caller, other) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        await other.CallAsync("600");
        var call = await caller.CallAsync($"9{Cheap}");
        await TalkAsync(office, 3);
        await call.ReferAsync("600");
        await call.EndAsync();
        await caller.CallAsync("600");

        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
        await HasTrunkChannelsAsync(office, 1);
    }

    [Theory]
    [InlineData("610", "+498900000610")]
    [InlineData("611", "+498900000611")]
    [InlineData("620", "+498900000620")]
    [InlineData("621", "+498900000621")]
    [InlineData("622", "+498900000622")]
    [InlineData("623", "+498900000623")]
    public async Task A_member_outside_of_a_queue_or_a_group_is_one_call(string exten, string number)
    {
        await using var office = await OpenAsync();
        var (caller, _) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1009"));
        var call = await caller.CallAsync(exten);
        await ShowsAsync(office, ("1001", number, "phone"));
        await HasTrunkChannelsAsync(office, 1);
        await call.EndAsync();
        await ShowsAsync(office);

        // Of a call from outside it is what was called inside.
        await office.Outside().CallAsync($"4930{exten}");
        await ShowsAsync(office, (exten, number, "forwarded"));
        await HasTrunkChannelsAsync(office, 2);
    }

    [Fact]
    public async Task A_call_that_a_program_makes_for_a_phone_is_the_phones_and_any_other_is_nobodys()
    {
        await using var office = await OpenAsync();
        await office.PhoneAsync("1001");
        await office.PhoneAsync("1002");

        // Click to call: the phone rings first. As FreePBX does it, the phone is behind a Local channel.
        await Lab.CliAsync($"channel originate PJSIP/1001 extension 900498900000001@phones", Stop);
        await Lab.CliAsync($"channel originate Local/1002@phones extension 900498900000002@phones", Stop);
        await Lab.CliAsync($"channel originate PJSIP/00498900000003@trunk-ip application Echo", Stop);
        await Lab.CliAsync($"channel originate Local/900498900000004@phones application Echo", Stop);
        await Lab.CliAsync($"channel originate Local/900498900000005@phones/n extension 1001@phones", Stop);

        await ShowsAsync(
            office, ("1001", "+498900000001", "phone"), ("1002", "+498900000002", "phone"), ("originated", "+498900000003", "phone"), ("originated", "+498900000004", "phone"), ("originated", "+498900000005", "phone"));
        await HasTrunkChannelsAsync(office, 5);
    }

    [Fact]
    public async Task A_call_file_is_a_call_of_nobodys()
    {
        await using var office = await OpenAsync();
        var made = Path.Combine(Lab.Directory, "spool", "made.call");
        await File.WriteAllTextAsync(made, "Channel: PJSIP/00498900000001@trunk-ip\nApplication: Echo\n", Stop);
        Directory.CreateDirectory(Path.Combine(Lab.Directory, "spool", "outgoing"));
        File.Move(made, Path.Combine(Lab.Directory, "spool", "outgoing", "made.call"));

        await ShowsAsync(office, ("originated", "+498900000001", "phone"));
        await HasTrunkChannelsAsync(office, 1);
    }

    // Asterisk ends the leg of who parked.
    private static async Task ParkAsync(Office office, Handset.Leg call)
    {
        await call.ReferAsync("700");
        Assert.True(await Asterisk.Eventually.HoldsAsync(() => Task.FromResult(office.Stream.Heard.Contains("Event: ParkedCall\r\n", StringComparison.Ordinal)), Patience, Stop), $"{office}");
    }
}
