document.getElementById('what').textContent = data.model + ': ' + data.cell + ', hidden ' + data.hidden + ', on ' + data.batch + ' sequences of ' + data.steps + ' steps of ' + data.data;
errorFlow(data, main, 'h2');
