using System.Text;
using Ringfence.Core.Geo;
using Ringfence.Core.Lists;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;

namespace Ringfence.Perimeter;

/// <summary>The policy in the kernel: table <c>inet ringfence_policy</c>, tried, confirmed or taken back.</summary>
/// <param name="nft">The program and what stands before its arguments; a test's runs in a namespace.</param>
/// <param name="countries">What the databases of countries say; asked where a zone has countries.</param>
/// <param name="open">Opens a netlink socket, in the network namespace in which nft runs.</param>
/// <param name="scratch">A program that runs nft where nothing is that could be harmed: a new network namespace.</param>
internal sealed class PolicyTable(
    IReadOnlyList<string> nft, PolicyFiles files, TimeProvider clock, Func<GeoTable>? countries = null, Func<NetlinkSocket>? open = null, IReadOnlyList<string>? scratch = null)
{
    private readonly IReadOnlyList<string> _scratch = scratch ?? ["unshare", "--net", "nft"];

    public PolicyFiles Files => files;

    /// <exception cref="FirewallException">nft can't be asked.</exception>
    public async Task<PolicyState> ReadAsync(CancellationToken stop)
    {
        // Without what the sets hold: a country has a hundred thousand networks. One set is asked for by itself.
        var answer = await AskAsync(nft, ["-j", "-t", "list", "table", "inet", NftPolicy.Table], "", stop);
        var trial = answer.ExitCode == 0 ? await AskAsync(nft, ["-j", "list", "set", "inet", NftPolicy.Table, NftPolicy.Trial], "", stop) : answer;
        if (trial.ExitCode != 0)
        {
            // Also where somebody took it out between the two questions.
            return trial.Errors.Contains("No such file or directory", StringComparison.Ordinal) ? PolicyState.None : throw FilterTool.Refused("nftables", trial);
        }

        return PolicyStateReader.Read(answer.Output, trial.Output) ?? throw new FirewallException("nft printed something else than the table of the policy");
    }

    /// <summary>Puts the policy on trial: when nobody confirms it in time the kernel goes back by itself.</summary>
    /// <exception cref="FirewallException">nft refuses it; nothing was changed.</exception>
    public async Task<PolicyState> TryAsync(Policy policy, TimeSpan trial, CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        var whole = PolicyScripts.Load(policy);
        await CheckAsync(whole, stop);
        var state = await ReadAsync(stop);

        // Somebody flushed it: what the kernel goes back to is the confirmed policy, and not an open machine.
        if (state.Confirmed is null && PolicyFiles.Read(files.Confirmed) is { } confirmed)
        {
            await LoadInTurnAsync(confirmed, stop);
            state = await ReadAsync(stop);
        }

        files.Write(files.Before, await TheirsAsync(stop));
        var generation = state.Next;
        files.BeginTrial(generation, whole);
        await ApplyAsync(PolicyScripts.Make(policy, generation), stop);
        var isTried = false;
        try
        {
            await FillAsync(GeoChains.Of(policy, generation), stop);
            files.BeginTrial(generation, whole, (await ReadAsync(stop)).Rules.GetValueOrDefault(generation));
            await ApplyAsync(PolicyScripts.Try(state, generation, PolicyScripts.MarkOf(policy), trial), stop);
            isTried = true;
        }
        finally
        {
            if (!isTried)
            {
                await ApplyAsync(PolicyScripts.Drop(await ReadAsync(CancellationToken.None), generation), CancellationToken.None);
                File.Delete(files.OnTrial(generation));
            }
        }

        files.ForgetTrials(but: generation);

        return await ReadAsync(stop);
    }

    /// <summary>Fills the chains of countries anew, of the policy in force and of one on trial: after a newer database came.</summary>
    /// <returns>How many elements the kernel has for them.</returns>
    public async Task<int> RefillAsync(CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        var state = await ReadAsync(stop);
        return await FillAsync([.. ChainsOf(state).Where(chain => state.Parts.Contains((false, chain.Name)))], stop);
    }

    /// <summary>The chains of countries of the policy in force and of one on trial.</summary>
    /// <param name="more">Scripts besides those on the disk; each is asked for the policies that are its own.</param>
    public IReadOnlyList<GeoChain> ChainsOf(PolicyState state, params IEnumerable<string> more)
    {
        List<string> scripts = [.. ((string?[])[PolicyFiles.Read(files.Confirmed), state.OnTrial is null ? null : PolicyFiles.Read(files.OnTrial(state.OnTrial))]).OfType<string>(), .. more];
        return [.. from held in ((string? Generation, string? Mark)[])[(state.Confirmed, state.ConfirmedMark), (state.OnTrial, state.TrialMark)]
            where held is { Generation: not null, Mark: not null }
            from chain in GeoChain.Read(scripts.Find(script => PolicyScripts.MarkIn(script) == held.Mark) ?? "")
            select chain.In(held.Generation!)];
    }

    /// <summary>Fills chains of countries from the databases.</summary>
    /// <returns>How many elements the kernel has for them.</returns>
    public async Task<int> FillAsync(IReadOnlyList<GeoChain> chains, CancellationToken stop)
    {
        if (chains.Count == 0)
        {
            return 0;
        }

        var table = countries?.Invoke() ?? GeoTable.Empty;
        var sets = new CountrySets(NftPolicy.Table, new NftCommand(nft), open ?? NetlinkSocket.Open);
        var elements = 0;
        try
        {
            foreach (var chain in chains)
            {
                elements += await sets.LoadAsync(chain.Name, GeoNetworks.Of(chain.Choice, table), $"goto {chain.Target}", stop);
            }
        }
        catch (NftTimeoutException slow)
        {
            throw new FirewallException(slow.Message, slow);
        }

        return elements;
    }

    /// <returns>Why the chains of countries of rules that hold already could not be filled; null: they could. Till then they are shut (<see cref="GeoChains"/>).</returns>
    private async Task<string?> FillLateAsync(IReadOnlyList<GeoChain> chains, CancellationToken stop)
    {
        try
        {
            await FillAsync(chains, stop);
            return null;
        }
        catch (Exception problem) when (problem is WorldFailedException or FirewallException)
        {
            return problem.Message;
        }
    }

    /// <summary>Whether nft takes the script: read and asked of the kernel (nft -c), then loaded for real in a namespace of its own.</summary>
    /// <exception cref="FirewallException">It does not.</exception>
    public async Task CheckAsync(string script, CancellationToken stop)
    {
        var read = await AskAsync(nft, ["-c", "-f", "-"], script, stop);
        if (read.ExitCode != 0)
        {
            throw FilterTool.Refused("nftables", read);
        }

        var loaded = await AskAsync(_scratch, ["-f", "-"], script, stop);
        if (loaded.ExitCode != 0)
        {
            throw FilterTool.Refused("nftables", loaded);
        }
    }

    /// <summary>Makes the policy on trial the policy, also for the next start of the machine.</summary>
    public async Task ConfirmAsync(PolicyState state, CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        var now = await StillAsync(state, stop);

        // The disk first: what the kernel holds and a boot does not is worse than a confirm that failed while the trial goes on.
        files.PrepareConfirm(now.OnTrial!);
        await ApplyAsync(PolicyScripts.Confirm(now), stop);
        files.Confirm();
    }

    // What was looked at before the turn came may be another by now.
    private async Task<PolicyState> StillAsync(PolicyState state, CancellationToken stop) => await ReadAsync(stop) is var now && now.OnTrial == state.OnTrial ? now
        : throw new FirewallException("another policy has been tried meanwhile: look again (ringfence firewall)");

    /// <summary>Ends the trial.</summary>
    public async Task EndTrialAsync(PolicyState state, CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        await ApplyAsync(PolicyScripts.EndTrial(await StillAsync(state, stop)), stop);
        files.ForgetTrials(but: null);
    }

    /// <summary>Goes back to the policy that was confirmed before the one in force.</summary>
    /// <returns>Why its zones of countries lack them; null: none does.</returns>
    public async Task<string?> GoBackAsync(string previous, CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        if (PolicyScripts.MarkIn(previous) is not { } mark)
        {
            throw new FirewallException($"{files.Previous} is damaged or cut off, and nothing was changed");
        }

        var state = await ReadAsync(stop);
        string? problem;
        if (state.Confirmed is null)
        {
            await ApplyAsync(previous, stop);
            problem = await FillLateAsync(GeoChain.Read(previous), stop);
        }
        else
        {
            // Beside the one in force, and then in its place: phones outside of every zone keep their doors.
            var generation = state.Next;
            await ApplyAsync(PolicyScripts.MakeAgain(previous, generation), stop);
            problem = await FillLateAsync([.. GeoChain.Read(previous).Select(chain => chain.In(generation))], stop);
            await ApplyAsync(PolicyScripts.PutBack(state with { OnTrial = null, ConfirmedMark = mark }, generation), stop);
        }

        files.GoBack();
        return problem;
    }

    /// <summary>Loads what was confirmed.</summary>
    public async Task<PolicyLoad> LoadAsync(CancellationToken stop)
    {
        if (PolicyFiles.Read(files.Confirmed) is not { } script)
        {
            return new PolicyLoad(false, null);
        }

        using var turn = await files.LockAsync(clock, stop);
        return new PolicyLoad(true, await LoadInTurnAsync(script, stop));
    }

    /// <summary>Puts the confirmed policy in the place of what somebody made of its rules, in one step: no door closes, and a trial goes on.</summary>
    /// <param name="isRight">Whether the rules are those that were confirmed.</param>
    /// <param name="renew">What fills the sets of names of the confirmed generation.</param>
    /// <returns>What the kernel holds now.</returns>
    /// <exception cref="FirewallException">It can't be, and the kernel holds what it held.</exception>
    public async Task<PolicyState> PutBackAsync(Func<PolicyState, bool> isRight, Func<PolicyState, string> renew, CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        var state = await ReadAsync(stop);
        if (isRight(state) || PolicyFiles.Read(files.Confirmed) is not { } script || PolicyScripts.MarkIn(script) != state.ConfirmedMark)
        {
            // Somebody else was at it meanwhile; or what holds is not what is on the disk, which is the operator's to settle.
            return state;
        }

        var generation = state.Next;
        await ApplyAsync(PolicyScripts.MakeAgain(script, generation), stop);
        var isBack = false;
        try
        {
            await FillAsync([.. GeoChain.Read(script).Select(chain => chain.In(generation))], stop);
            if (renew(await ReadAsync(stop) with { Confirmed = generation }) is { Length: > 0 } renewal)
            {
                await ApplyAsync(renewal, stop);
            }

            await ApplyAsync(PolicyScripts.PutBack(state, generation), stop);
            isBack = true;
        }
        finally
        {
            if (!isBack)
            {
                await ApplyAsync(PolicyScripts.Drop(await ReadAsync(CancellationToken.None), generation), CancellationToken.None);
            }
        }

        return await ReadAsync(stop);
    }

    private async Task<string?> LoadInTurnAsync(string script, CancellationToken stop)
    {
        // Its mark is on its last line.
        if (PolicyScripts.MarkIn(script) is not { } mark)
        {
            throw new FirewallException($"{files.Confirmed} is damaged or cut off, and nothing was loaded: ringfence firewall apply and confirm write it anew");
        }

        await ApplyAsync(script, stop);
        if ((await ReadAsync(stop)).ConfirmedMark != mark)
        {
            throw new FirewallException($"{files.Confirmed} was loaded, and the kernel does not hold its policy: look at it, nft list table inet {NftPolicy.Table}");
        }

        return await FillLateAsync(GeoChain.Read(script), stop);
    }

    /// <summary>Takes the policy out of the kernel and off the disk: then nothing of it holds, now and after the next start.</summary>
    public async Task RemoveAsync(PolicyState state, CancellationToken stop)
    {
        using var turn = await files.LockAsync(clock, stop);
        if (state.Parts.Count > 0)
        {
            await ApplyAsync($"delete table inet {NftPolicy.Table}\n", stop);
        }

        files.Forget();
    }

    /// <summary>Runs a script of <see cref="PolicyScripts"/>.</summary>
    /// <exception cref="FirewallException">nft refuses it; nothing was changed.</exception>
    public Task RunAsync(string script, CancellationToken stop) => ApplyAsync(script, stop);

    // Of our own tables the journal and the lists on the disk are the memory, and they may be large.
    private async Task<string> TheirsAsync(CancellationToken stop)
    {
        var text = new StringBuilder();
        foreach (var words in (await AskAsync(nft, ["list", "tables"], "", stop)).Output.Split('\n').Select(static line => line.Split(' ')).Where(static words => words is ["table", _, not ("ringfence" or ListRules.Name or NftPolicy.Table)]))
        {
            text.Append((await AskAsync(nft, ["list", "table", words[1], words[2]], "", stop)).Output);
        }

        return text.ToString();
    }

    private async Task ApplyAsync(string script, CancellationToken stop)
    {
        var answer = await AskAsync(nft, ["-f", "-"], script, stop);
        if (answer.ExitCode != 0)
        {
            throw FilterTool.Refused("nftables", answer);
        }
    }

    private Task<ToolAnswer> AskAsync(IReadOnlyList<string> program, IReadOnlyList<string> arguments, string input, CancellationToken stop) => FilterTool.RunAsync([.. program, .. arguments], input, clock, stop);
}

/// <summary>What came of loading the confirmed policy.</summary>
/// <param name="IsThere">Whether there is any.</param>
/// <param name="CountriesProblem">It holds, and its zones of countries lack them, for this reason; null: they don't.</param>
internal sealed record PolicyLoad(bool IsThere, string? CountriesProblem);
